/** A receiver of webhooks: it writes down what comes and answers as it is told; below `/refused` it accepts nothing. */

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Call {
  headers: IncomingHttpHeaders;
  body: { type: string; test?: boolean; data: Record<string, unknown> };
}

export class Receiver {
  readonly calls: Call[] = [];
  /** Status and body of every answer from now on. */
  answer = { status: 200, body: 'Thank you' };
  private readonly arrivals: (() => void)[] = [];

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Receiver> {
    const server = createServer();
    const receiver = new Receiver(server);
    server.on('request', async (request, response) => {
      receiver.calls.push({ headers: request.headers, body: JSON.parse(await text(request)) });
      const status = request.url?.endsWith('/refused') ? 503 : receiver.answer.status;
      response.writeHead(status, { 'content-type': 'text/plain' }).end(receiver.answer.body);
      receiver.arrivals.splice(0).forEach((told) => told());
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  /** Waits until so many calls have come; the test's own time-out ends the waiting. */
  async received(count: number): Promise<Call[]> {
    while (this.calls.length < count) await new Promise<void>((told) => this.arrivals.push(told));
    return this.calls;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
