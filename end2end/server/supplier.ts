/** A supplier's server: it has one list, which the test writes, and notes what it was asked with. */

import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export class Supplier {
  readonly asked: IncomingHttpHeaders[] = [];
  list = '';
  status = 200;

  private constructor(private readonly server: Server) {}

  static async open(): Promise<Supplier> {
    const server = createServer();
    const supplier = new Supplier(server);
    server.on('request', (request, response) => {
      supplier.asked.push(request.headers);
      response.writeHead(supplier.status, { 'content-type': 'text/csv' }).end(supplier.list);
    });
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return supplier;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/prices.csv`;
  }

  close(): void {
    this.server.closeAllConnections();
    this.server.close();
  }
}
