// npm install standardwebhooks
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(process.env.WEBHOOK_SECRET); // whsec_…

async function receive(request, response) {
  let event;
  try {
    // The body as it came: once parsed and printed again it may differ.
    event = webhook.verify(await buffer(request), request.headers);
  } catch {
    return response.writeHead(400).end();
  }
  // A call that comes again has the same id.
  console.log(request.headers['webhook-id'], event.type);
  response.writeHead(204).end();
}

createServer(receive).listen(process.env.PORT);
