import { spawn, spawnSync } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first Chromium on the PATH; undefined where there is none. */
export const chromium: string | undefined = names.find((name) => spawnSync(name, ['--version']).status === 0);

type Message = Readonly<Record<string, unknown>>;
const entry = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? (value as Message)[key] : undefined;

/** A page of a headless Chromium, driven by the DevTools protocol over a pipe. */
export class BrowserPage {
  /** What the browser complained about: console, log and exceptions. */
  public readonly complaints: string[] = [];
  /** Addresses that were asked for. */
  public readonly requests: string[] = [];
  private readonly waiting = new Map<number, (answer: Message) => void>();
  private readonly listeners = new Map<string, () => void>();
  private last = 0;
  private session: string | undefined;
  private text = '';

  private constructor(private readonly toBrowser: Writable) {}

  /** Run `body` with a fresh page in a browser that ends with it. */
  public static async use<T>(program: string, body: (page: BrowserPage) => Promise<T>): Promise<T> {
    const profile = mkdtempSync(join(tmpdir(), 'trigc-browser-'));
    const options = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', '--hide-scrollbars'];
    const child = spawn(program, [...options, '--remote-debugging-pipe', `--user-data-dir=${profile}`, 'about:blank'], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const page = new BrowserPage(child.stdio[3] as Writable);
    try {
      page.listen(child.stdio[4] as Readable);
      const target = await page.send('Target.createTarget', { url: 'about:blank' });
      const attached = await page.send('Target.attachToTarget', { targetId: target['targetId'], flatten: true });
      page.session = String(attached['sessionId']);
      for (const domain of ['Page', 'Runtime', 'Log', 'Network']) await page.send(`${domain}.enable`, {});
      return await body(page);
    } finally {
      // Asked to: its own processes would outlive a kill, and write into the profile.
      const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
      page.session = undefined;
      void page.send('Browser.close', {});
      await ended;
      clearTimeout(patience);
      rmSync(profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
    }
  }

  /** Show an address in a window of that width and height, in pixels of the page. */
  public async open(address: string, width: number, height: number): Promise<void> {
    const device = { width, height, deviceScaleFactor: 1, mobile: false };
    await this.send('Emulation.setDeviceMetricsOverride', device);
    const loaded = new Promise<void>((resolve) => this.listeners.set('Page.loadEventFired', resolve));
    await this.send('Page.navigate', { url: address });
    await loaded;
  }

  /** The value of an expression in the page. */
  public async evaluate(expression: string): Promise<unknown> {
    const answer = await this.send('Runtime.evaluate', { expression, returnByValue: true });
    if (answer['exceptionDetails'] !== undefined) throw new Error(JSON.stringify(answer['exceptionDetails']));
    return entry(answer['result'], 'value');
  }

  /** The whole page as PNG. */
  public async screenshot(): Promise<Buffer> {
    const answer = await this.send('Page.captureScreenshot', { format: 'png', captureBeyondViewport: true });
    return Buffer.from(String(answer['data']), 'base64');
  }

  private send(method: string, parameters: Message): Promise<Message> {
    const id = ++this.last;
    const session = this.session === undefined ? {} : { sessionId: this.session };
    this.toBrowser.write(`${JSON.stringify({ id, method, params: parameters, ...session })}\0`);
    return new Promise((resolve, reject) => {
      this.waiting.set(id, (answer) => {
        if (answer['error'] === undefined) resolve((answer['result'] ?? {}) as Message);
        else reject(new Error(`${method}: ${JSON.stringify(answer['error'])}`));
      });
    });
  }

  private listen(stream: Readable): void {
    stream.setEncoding('utf8');
    stream.on('data', (part: string) => {
      const messages = `${this.text}${part}`.split('\0');
      this.text = messages.pop() ?? '';
      for (const message of messages) this.receive(JSON.parse(message) as Message);
    });
  }

  private receive(message: Message): void {
    const { id, method, params } = message;
    if (typeof id === 'number') {
      this.waiting.get(id)?.(message);
      this.waiting.delete(id);
      return;
    }
    if (typeof method !== 'string') return;
    if (method === 'Network.requestWillBeSent') this.requests.push(String(entry(entry(params, 'request'), 'url')));
    if (['Runtime.exceptionThrown', 'Runtime.consoleAPICalled', 'Log.entryAdded'].includes(method)) {
      this.complaints.push(JSON.stringify(params));
    }
    this.listeners.get(method)?.();
  }
}
