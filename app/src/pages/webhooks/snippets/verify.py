# pip install standardwebhooks
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks import Webhook, WebhookVerificationError

webhook = Webhook(os.environ["WEBHOOK_SECRET"])  # whsec_…


class Receiver(BaseHTTPRequestHandler):
    timeout = 10  # seconds

    def do_POST(self):
        try:
            # The body as it came: once parsed and printed again it may differ.
            body = self.rfile.read(int(self.headers["content-length"] or 0))
            event = webhook.verify(body, self.headers)
            # A call that comes again has the same id.
            print(self.headers["webhook-id"], event["type"])
            self.send_response(204)
        except (WebhookVerificationError, ValueError):
            self.send_response(400)
        self.end_headers()


ThreadingHTTPServer(("", int(os.environ["PORT"])), Receiver).serve_forever()
