import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { isLegalName } from '../../src/support/legal-names.js';
import { readTree, scratchFolder, trigc } from '../support/command-line.js';
import { int, text } from '../support/onnx-builder.js';
import { QonnxBuilder } from '../support/small-model.js';

/** A model may be called anything: no name may reach Verilog, a shell, Tcl, HTML or a path as anything but text. */

const scratch = scratchFolder();
const marker = (): string => '/tmp/trigc-owned';

/** Each is used as the name of an input, of nodes and of an output of one model. */
const attacks = (): readonly string[] => [
  `line\nbreak\r\nendmodule\ninitial $system("touch ${marker()}");`,
  `*/ endmodule module evil; initial $system("touch ${marker()}"); endmodule /*`,
  '"; $finish; //',
  `$(touch ${marker()})`,
  `\`touch ${marker()}\``,
  '`include "/etc/passwd"',
  `[exec touch ${marker()}]`,
  `{*}[exec touch ${marker()}]; puts $::env(HOME)`,
  '../../../../tmp/escaped',
  '/etc/passwd',
  'C:\\windows\\system32',
  '<script>alert(1)</script><img src=x onerror=alert(1)>',
  '[click](javascript:alert(1)) | **bold** | `code`',
  '# heading\n\n| a | b |\n|---|---|',
  'synopsys translate_off',
  'verilator lint_off WIDTH */ // verilator public',
  'naïve ünïcode 名前 \u202egnirts\u2028end',
  '\u0000\u001b[31mred\u0007',
  'module',
  'clk',
  'x'.repeat(10_000),
  `${'y'.repeat(9_999)}z`,
  '__proto__',
  'constructor',
  '\\escaped_identifier ',
  "unterminated ' quote",
  '??/\n??/',
];

/** Text that must appear nowhere outside the quoted forms: it would be alive there. */
const alive = [
  /\bendmodule\b.*\S/u,
  /<script|<img|onerror=/iu,
  /\$\(touch|`touch|\[exec|\$system|"; \$finish|\{\*\}/u,
  /`include/u,
  /\]\(javascript:/u,
  /\.\.\//u,
];

// eslint-disable-next-line no-control-regex -- matching control characters is the purpose
const CONTROL = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e]/u;

/** Small two-input parts, one for each attack, that all end in one concatenation. */
function hostileModel(): QonnxBuilder {
  const model = new QonnxBuilder();
  model.graph.name = attacks()[0] ?? '';
  const outputs: string[] = [];
  attacks().forEach((name, index) => {
    const quantised = `${name} quantised ${index}`;
    const result = `${name} result ${index}`;
    model
      .input(name, ['N', 2])
      .quant(name, quantised, { lsb: 0, bits: 3, name: `${name} quant` })
      .initializer(`${name} weight`, [2, 1], [1, index % 3 === 0 ? -2 : 3])
      .quant(`${name} weight`, `${name} wq`, { lsb: 0, bits: 4, name: `${name} wq` })
      .node('MatMul', [quantised, `${name} wq`], [result], {}, { name })
      .quant(result, `${name} out`, { lsb: 0, bits: 4, name: `${name} out quant` })
      .output(`${name} out`);
    outputs.push(`${name} out`);
  });
  return model;
}

let folder = '';
let tree: ReadonlyMap<string, string> = new Map();
let compiled = { code: -1, stdout: '', stderr: '' };

beforeAll(async () => {
  const model = scratch.write('in/hostile.onnx', hostileModel().bytes());
  folder = scratch.path('in', 'out');
  compiled = await trigc('compile', model, '-o', folder, '--latency', '2');
  tree = readTree(folder);
});

describe('a model with hostile names', () => {
  it('compiles, with messages that fit a terminal', () => {
    expect(compiled.code, compiled.stderr).toBe(0);
    expect(compiled.stderr + compiled.stdout).not.toMatch(CONTROL);
    for (const line of compiled.stderr.split('\n')) expect(line.length).toBeLessThan(1_500);
  });

  it('writes files with plain names, all of them inside the folder, and runs nothing', () => {
    for (const path of tree.keys())
      expect(path).toMatch(/^(?:rtl\/|vhdl\/|tb\/|vivado\/)?[A-Za-z][A-Za-z0-9_]*\.[a-z]+$/u);
    expect(readdirSync(scratch.path()).toSorted()).toEqual(['in']);
    expect(readdirSync(scratch.path('in')).toSorted()).toEqual(['hostile.onnx', 'out']);
    expect(existsSync('/tmp/escaped')).toBe(false);
    expect(existsSync(marker())).toBe(false);
  });

  it('leaves nothing alive in Verilog, VHDL, Tcl and constraints', () => {
    const checked = [...tree].filter(([path]) => /\.(?:v|vhd|tcl|xdc|f|hex)$/u.test(path));
    expect(checked.length).toBeGreaterThan(30);
    for (const [path, content] of checked) {
      for (const [index, line] of content.split('\n').entries()) {
        // What stands in a comment of one line is text, as long as the line does not end.
        const comment = path.endsWith('.vhd') ? /\s*--.*$/u : path.endsWith('.v') ? /\s*\/\/.*$/u : /\s*#.*$/u;
        const code = line.replace(comment, '');
        for (const pattern of alive) expect(code, `${path}:${index + 1}`).not.toMatch(pattern);
        expect(line, `${path}:${index + 1}`).toMatch(/^[\x20-\x7e\t]*$/u);
        expect(line).not.toMatch(/^[^/]*\/\/\s*(?:synopsys|synthesis|pragma|verilator)\b/iu);
        expect(line).not.toMatch(/\\$/u);
      }
    }
  });

  it('leaves nothing alive in Markdown', () => {
    const markdown = Buffer.from(tree.get('report.md') ?? '', 'latin1').toString('utf8');
    const headings: string[] = [];
    for (const line of markdown.split('\n')) {
      if (line.startsWith('#')) headings.push(line);
      const bare = line.replace(/\\[!-/:-@[-`{-~]/gu, '');
      expect(bare, line).not.toMatch(/[<>`*[\]]/u);
      expect(bare, line).not.toMatch(CONTROL);
      expect(bare, line).not.toMatch(/&(?!amp;|lt;|gt;)/u);
    }
    const fixed = [
      '# hostile',
      '## Resources (estimate)',
      '## Segments',
      '## Layers',
      '## Ports',
      '## Kernels',
      '## Names',
    ];
    expect(headings.slice(0, fixed.length)).toEqual(fixed);
    expect(headings.slice(fixed.length).filter((heading) => heading !== '## Diagnostics')).toEqual([]);
  });

  it('leaves nothing alive in HTML', () => {
    const html = Buffer.from(tree.get('report.html') ?? '', 'latin1').toString('utf8');
    const body = html.slice(html.indexOf('<body>'));
    expect(body).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
    const opened = body.split('<').slice(1);
    expect(opened.length).toBeGreaterThan(1000);
    const tag =
      /^\/?(?:a|aside|body|circle|code|d[dlt]|defs|div|em|fig\w+|g|h[12]|header|html|li|line|main|marker|nav|p|path|poly\w+|rect|section|small|span|strong|svg|t[hdr]|table|tbody|text|thead|title|ul)((?: [a-zA-Z0-9-]+="[^"<>]*")*)\/?>/u;
    for (const markup of opened) {
      expect(markup).toMatch(tag);
      const attributes = tag.exec(markup)?.[1] ?? '';
      expect(attributes).not.toMatch(/ (?:on\w+|src|href="[^#])/iu);
    }
    expect(html.replaceAll('\n', '')).not.toMatch(CONTROL);
  });

  it('balances its modules', () => {
    for (const [path, content] of tree) {
      if (!path.endsWith('.v')) continue;
      const code = content.replace(/\/\/.*$/gmu, '').replace(/"[^"\n]*"/gu, '""');
      expect(code.match(/\bmodule\b/gu)?.length, path).toBe(1);
      expect(code.match(/\bendmodule\b/gu)?.length, path).toBe(1);
      expect(code).not.toContain('/*');
    }
  });

  it('shows the map of names, collision-free and legal, in the report', () => {
    const report = JSON.parse(readFileSync(`${folder}/report.json`, 'utf8')) as {
      names: readonly (readonly [string, string])[];
    };
    const ports = attacks().map((name) => report.names.find(([original]) => original === name)?.[1] ?? '');
    expect(ports.every(isLegalName)).toBe(true);
    const identifiers = report.names.map(([, identifier]) => identifier.toLowerCase());
    expect(new Set(identifiers).size).toBe(identifiers.length);
    const markdown = tree.get('report.md') ?? '';
    for (const identifier of ports) expect(markdown).toContain(identifier.replace(/^([a-z]+)$/iu, '$1'));
    // One row of a table each, whatever the name holds.
    const rows = markdown
      .slice(markdown.indexOf('## Names'))
      .split('\n')
      .filter((line) => line.startsWith('| '));
    for (const row of rows) expect(row.replace(/\\\|/gu, '').split('|')).toHaveLength(4);
  });

  it('keeps the text forms one line a statement, quoted', () => {
    for (const path of ['model.trigc', 'design.trigc']) {
      const content = Buffer.from(tree.get(path) ?? '', 'latin1').toString('utf8');
      for (const line of content.split('\n')) {
        const bare = line.replace(/"(?:[^"\\]|\\.)*"/gu, '""');
        for (const pattern of alive) expect(bare).not.toMatch(pattern);
        expect(line).not.toMatch(CONTROL);
        expect(bare).not.toContain('\\');
      }
    }
  });

  it('verifies in the default engine, and nothing was run', async () => {
    const run = await trigc('verify', folder, '--engine', 'yosys', '--vectors', '30');
    expect(run.stdout).toBe('verified 30 vectors, 0 mismatches, latency 2 cycles, II 1 (engine yosys)');
    expect(run.code).toBe(0);
    expect(existsSync(marker())).toBe(false);
  });

  it('is printed by inspect without control characters', async () => {
    const run = await trigc('inspect', scratch.path('in', 'hostile.onnx'));
    expect(run.code).toBe(0);
    expect(run.stdout).not.toMatch(CONTROL);
    const json = await trigc('inspect', scratch.path('in', 'hostile.onnx'), '--json');
    expect((JSON.parse(json.stdout) as { inputs: unknown[] }).inputs).toHaveLength(attacks().length);
  });

  it('may also have ports of elements, and a file name that is hostile itself', async () => {
    const name = '$(touch owned) `x` "; endmodule <b> 名.onnx';
    const model = scratch.write(`in/${name}`, hostileModel().bytes());
    const config = scratch.write('in/trigc.yaml', 'interface: { ports: elements, valid: true }\n');
    const out = scratch.path('in', 'elements; touch owned');
    const run = await trigc('compile', model, '-o', out, '--config', config);
    expect(run.code, run.stderr).toBe(0);
    const verified = await trigc('verify', out, '--engine', 'yosys', '--vectors', '10');
    expect(verified.code, verified.stderr).toBe(0);
    for (const [path, content] of readTree(out)) {
      expect(path).toMatch(/^[\w/]+\.[a-z]+$/u);
      if (path.endsWith('.v')) expect(content.replace(/\/\/.*$/gmu, '')).not.toMatch(/\btouch \w|\$\(|<b>|`/u);
    }
    expect(existsSync('owned')).toBe(false);
    expect(existsSync(marker())).toBe(false);
  });
});

describe('an input that is an output, and names that meet', () => {
  it('compile and verify', async () => {
    const model = new QonnxBuilder();
    model
      .input('x', ['N', 2])
      .quant('x', 'w_x_e0', { lsb: 0, bits: 3, name: 'u_x' })
      .node('Neg', ['w_x_e0'], ['X'], {}, { name: 'x' })
      .quant('X', 'in_0', { lsb: 0, bits: 3, name: 'out_0' })
      .node('Add', ['in_0', 'w_x_e0'], ['w_X_e0'], {}, { name: 'w_x_e0' })
      .output('w_x_e0')
      .output('in_0')
      .output('w_X_e0')
      .output('x');
    model.node('Identity', ['x'], ['x_d1'], {}, { name: 'n' }).output('x_d1');
    model.node('Cast', ['x'], ['clk'], { to: int(1) }, { name: text('c').s === undefined ? '' : 'clk' }).output('clk');
    const out = scratch.path('meet');
    const run = await trigc('compile', scratch.write('meet.onnx', model.bytes()), '-o', out, '--latency', '2');
    expect(run.code, run.stderr).toBe(0);
    const verified = await trigc('verify', out, '--engine', 'yosys', '--vectors', '40');
    expect(verified.code, verified.stderr).toBe(0);
  });
});
