/** A light load of GET requests, over connections that stay open, as long as something is done to what answers them. */
import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const CLIENTS = 3;
/** Between two requests of a client. Together they stay under the 100 a second that nginx grants one address. */
const PAUSE_MS = 40;
/** Longer than the balancer takes for all of its tries. */
const PATIENCE_MS = 20_000;

export interface LoadReport {
  readonly sent: number;
  /** What came instead of a 200: how often and from when to when, for each kind of failure. */
  readonly failed: readonly string[];
}

export class GetLoad {
  readonly #url: string;
  readonly #agent: http.Agent;
  readonly #clients: Promise<void>[];
  #sent = 0;
  readonly #failed = new Map<string, Date[]>();
  #ends = false;

  /** @param ca the certificate to trust, for https */
  constructor(url: string, ca?: Buffer) {
    this.#url = url;
    this.#agent = ca
      ? new https.Agent({ keepAlive: true, ca, timeout: PATIENCE_MS })
      : new http.Agent({ keepAlive: true, timeout: PATIENCE_MS });
    this.#clients = Array.from({ length: CLIENTS }, () => this.#run());
  }

  async stop(): Promise<LoadReport> {
    this.#ends = true;
    await Promise.all(this.#clients);
    this.#agent.destroy();
    return { sent: this.#sent, failed: [...this.#failed].map(([answer, times]) => summary(answer, times)) };
  }

  async #run(): Promise<void> {
    while (!this.#ends) {
      this.#sent += 1;
      const answer = await this.#get();
      if (answer !== '200') this.#failed.set(answer, [...(this.#failed.get(answer) ?? []), new Date()]);
      await sleep(PAUSE_MS);
    }
  }

  #get(): Promise<string> {
    const { get } = this.#url.startsWith('https:') ? https : http;
    return new Promise(resolve => {
      const request = get(this.#url, { agent: this.#agent }, response => {
        response.resume();
        response.on('error', error => resolve(String(error)));
        response.on('end', () => resolve(String(response.statusCode)));
      });
      request.setTimeout(PATIENCE_MS, () => request.destroy(new Error(`no answer in ${PATIENCE_MS} ms`)));
      request.on('error', error => resolve(String(error)));
    });
  }
}

function summary(answer: string, times: readonly Date[]): string {
  return `${answer}: ${times.length} times, ${times[0]?.toISOString()} to ${times.at(-1)?.toISOString()}`;
}
