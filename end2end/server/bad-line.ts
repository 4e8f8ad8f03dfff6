/** A bad connection: it lies between a client and a server, counts what is sent, and breaks when it is told to. */

import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

export class BadLine {
  /** Bytes that have gone from clients to the server. */
  sent = 0;
  /** How often a connection was broken. */
  cuts = 0;
  /** Nobody gets through, and what is under way breaks. */
  isDown = false;
  private readonly breaks: number[] = [];
  private readonly open = new Set<Socket>();

  private constructor(private readonly listener: Server) {}

  static async to(address: string): Promise<BadLine> {
    const { hostname, port } = new URL(address);
    const server = createServer();
    const line = new BadLine(server);
    server.on('connection', (client) => line.pass(client, connect(Number(port), hostname)));
    await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
    return line;
  }

  get address(): string {
    return `http://127.0.0.1:${(this.listener.address() as AddressInfo).port}`;
  }

  /** Breaks the connection that sends the byte of this number, once for each number; they rise. */
  breakAt(...bytes: number[]): void {
    this.breaks.push(...bytes);
  }

  /** Breaks whatever is open, and lets nobody through until `isDown` is false. */
  goDown(): void {
    this.isDown = true;
    for (const socket of this.open) socket.destroy();
  }

  close(): void {
    this.goDown();
    this.listener.close();
  }

  private pass(client: Socket, upstream: Socket): void {
    for (const socket of [client, upstream]) {
      this.open.add(socket);
      // A connection that breaks is what this is for.
      socket.on('error', () => undefined).on('close', () => this.open.delete(socket));
    }
    if (this.isDown) client.destroy();
    client.on('data', (bytes) => this.forward(bytes, client, upstream));
    client.on('close', () => upstream.end());
    upstream.on('close', () => client.destroy());
    upstream.pipe(client);
  }

  private forward(bytes: Buffer, client: Socket, upstream: Socket): void {
    this.sent += bytes.length;
    if (!upstream.write(bytes)) {
      client.pause();
      upstream.once('drain', () => client.resume());
    }
    if (this.breaks.length > 0 && this.sent >= this.breaks[0]!) {
      this.breaks.shift();
      this.cuts += 1;
      client.destroy();
    }
  }
}
