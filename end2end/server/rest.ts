/** Stockroom's REST API with a key, as other systems use it: fills a shop before a browser looks at it. */

export interface UploadedFile {
  name: string;
  text: string;
}

export interface Job {
  job_id: number;
  status: string;
  percent: number;
  read: number;
  created: number;
}

export interface Product {
  id: number;
  sku: string;
}

export class Rest {
  constructor(
    private readonly address: string,
    private readonly key: string,
  ) {}

  /** Uploads a file and gives the number of its import, which goes on in the background. */
  async upload({ name, text }: UploadedFile, kind = 'products', options: Record<string, string> = {}): Promise<number> {
    const body = new FormData();
    body.append('kind', kind);
    for (const [field, value] of Object.entries(options)) body.append(field, value);
    body.append('file', new File([text], name, { type: 'text/csv' }));
    const accepted = await this.json<Job>('/imports', { method: 'POST', body });
    return accepted.job_id;
  }

  /** For clients of their own. */
  get authorization(): Record<string, string> {
    return { authorization: `Bearer ${this.key}` };
  }

  /** Makes an import of an upload that is complete: its number. */
  async importUpload(upload: string): Promise<number> {
    const body = new FormData();
    body.append('upload', upload);
    const accepted = await this.json<Job>('/imports', { method: 'POST', body });
    return accepted.job_id;
  }

  /** Uploads a file and waits until its import is over. */
  async import(file: UploadedFile, kind = 'products', options: Record<string, string> = {}): Promise<number> {
    const id = await this.upload(file, kind, options);
    await this.over(id);
    return id;
  }

  /** Its stream of events ends when the import does. */
  async over(id: number): Promise<Job> {
    const events = await this.send(`/imports/${id}/events`);
    await events.text();
    return this.json<Job>(`/imports/${id}`);
  }

  /** Stops an import. One that is over already stays as it ended. */
  async cancel(id: number): Promise<void> {
    await this.send(`/imports/${id}/cancel`, { method: 'POST' }, [202, 409]);
    await this.over(id);
  }

  /** Moves all products whose SKUs begin like that into the bin: the number of the job, which is over. */
  async deleteAll(sku: string): Promise<number> {
    const path = `/products?confirm=true&sku=${encodeURIComponent(sku)}`;
    const job = await this.json<Job>(path, { method: 'DELETE' });
    await this.over(job.job_id);
    return job.job_id;
  }

  /** A webhook that wants everything: its number. */
  async addWebhook(url: string, enabled: boolean): Promise<number> {
    const events = ['product.created', 'product.updated', 'product.deleted', 'import.completed', 'import.failed'];
    const body = JSON.stringify({ url, events, enabled, description: 'Price display in the window' });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.send('/webhooks', { method: 'POST', headers, body }, [201]);
    return ((await answer.json()) as { id: number }).id;
  }

  async deleteWebhook(id: number): Promise<void> {
    await this.send(`/webhooks/${id}`, { method: 'DELETE' }, [204]);
  }

  async testWebhook(id: number, event: string): Promise<void> {
    const headers = { 'content-type': 'application/json' };
    await this.send(`/webhooks/${id}/test`, { method: 'POST', headers, body: JSON.stringify({ event }) });
  }

  /** A schedule whose time is far away: its number. */
  async addSchedule(name: string, address: string): Promise<number> {
    const body = JSON.stringify({ name, address, when: { at: '03:00', days: ['sun'] }, enabled: false });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.send('/schedules', { method: 'POST', headers, body }, [201]);
    return ((await answer.json()) as { id: number }).id;
  }

  async runSchedule(id: number): Promise<void> {
    await this.send(`/schedules/${id}/run`, { method: 'POST' });
  }

  async productCalled(sku: string): Promise<Product> {
    const { items } = await this.json<{ items: Product[] }>(`/products?sku=${encodeURIComponent(sku)}`);
    const [product] = items;
    if (!product) throw new Error(`There is no product ${sku}.`);
    return product;
  }

  /** A product that was deleted. */
  async productInTheBin(): Promise<Product> {
    const sku = `BIN-${Date.now()}-${Math.random()}`;
    const body = JSON.stringify({ sku, name: 'Old lamp' });
    const headers = { 'content-type': 'application/json' };
    const answer = await this.send('/products', { method: 'POST', headers, body }, [201]);
    const product = (await answer.json()) as Product;
    await this.send(`/products/${product.id}`, { method: 'DELETE' }, [204]);
    return product;
  }

  private async json<T>(path: string, request?: RequestInit): Promise<T> {
    const answer = await this.send(path, request);
    return (await answer.json()) as T;
  }

  private async send(path: string, request: RequestInit = {}, expected = [200, 202]): Promise<Response> {
    const headers = { ...request.headers, authorization: `Bearer ${this.key}` };
    const answer = await fetch(`${this.address}/api/v1${path}`, { ...request, headers });
    if (!expected.includes(answer.status)) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer;
  }
}
