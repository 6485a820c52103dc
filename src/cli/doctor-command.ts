import { commandCodes } from '../diagnostics/codes/command.js';
import { printable } from '../diagnostics/diagnostic.js';
import { fail } from '../diagnostics/result.js';
import type { CacheKind } from '../system/cache-contents.js';
import { clearCache } from '../system/cache-contents.js';
import { cacheFolder } from '../system/content-cache.js';
import { isSystemError } from '../system/system-error.js';
import { version } from '../version.js';
import type { Console } from './console.js';
import { exitCode } from './console.js';
import type { CacheFinding, EngineFinding, Finding, Findings } from './doctor-findings.js';
import { findAll } from './doctor-findings.js';

export interface DoctorArguments {
  readonly json: boolean;
  /** First remove every entry of the cache. */
  readonly clearCache: boolean;
}

/**
 * `trigc doctor`: what this machine has of what Trigc can use, and how to get the rest. Fails only where no engine is
 * usable. `find` is there for tests.
 */
export async function doctorCommand(
  { json, clearCache: clear }: DoctorArguments,
  console: Console,
  find: (environment: NodeJS.ProcessEnv) => Promise<Findings> = findAll,
): Promise<number> {
  const cleared = clear ? clearIt(process.env) : undefined;
  if (cleared !== undefined) {
    console.note(`removed ${printKind({ kind: 'the cache', ...cleared })}; what was built there stays`);
  }
  const findings = await find(process.env);
  console.result(json ? jsonReport(findings, cleared) : textReport(findings));
  return findings.engines.some(({ usable }) => usable) ? exitCode.ok : exitCode.toolMissing;
}

function clearIt(environment: NodeJS.ProcessEnv): Pick<CacheKind, 'files' | 'bytes'> {
  const folder = cacheFolder(environment);
  if (folder === undefined) return { files: 0, bytes: 0 };
  try {
    return clearCache(folder);
  } catch (error) {
    if (!isSystemError(error)) throw error;
    return fail(commandCodes.outputNotWritable, printable(error.message), { model: printable(folder) });
  }
}

function jsonReport(findings: Findings, cleared: Pick<CacheKind, 'files' | 'bytes'> | undefined): string {
  const head = { schema: 'trigc-doctor', version: 1, trigc: version, node: process.version };
  return JSON.stringify({ ...head, ...findings, ...(cleared === undefined ? {} : { cleared }) }, null, 2);
}

function textReport({ engines, tools, packages, artefacts, environments, cache }: Findings): string {
  return [
    `trigc ${version}, node ${process.version} (${process.platform} ${process.arch})`,
    ...section('simulation engines, for trigc verify --engine NAME', engines),
    ...section('other programs', tools),
    ...section('npm packages', packages),
    ...section('built tools', artefacts),
    ...section('Python environments, for scripts/export and the comparisons of the tests', environments),
    ...cacheSection(cache),
  ].join('\n');
}

function section(title: string, findings: readonly (Finding | EngineFinding)[]): readonly string[] {
  if (findings.length === 0) return [];
  const width = Math.max(...findings.map(({ name }) => name.length)) + 2;
  return ['', title, ...findings.flatMap((finding) => findingLines(finding, width))];
}

function findingLines(finding: Finding | EngineFinding, width: number): readonly string[] {
  const { name, usable, detail, get } = finding;
  const automatic = 'automatic' in finding && finding.automatic ? ' (auto takes this one)' : '';
  const line = `  ${name.padEnd(width)}${usable ? '' : 'not usable: '}${printable(detail)}${automatic}`;
  return get === undefined ? [line] : [line, `  ${' '.repeat(width)}to get it: ${get}`];
}

function cacheSection({ folder, limit, problem, entries = [], others = [] }: CacheFinding): readonly string[] {
  const bytes = entries.reduce((sum, kind) => sum + kind.bytes, 0);
  return [
    '',
    `cache${folder === undefined ? '' : ` in ${printable(folder)}`}`,
    ...(problem === undefined
      ? [`  ${megabytes(bytes)} of at most ${megabytes(limit)}; trigc doctor --clear-cache empties it`]
      : [`  not usable: ${printable(problem)}`]),
    ...entries.map((kind) => `  ${printKind(kind)}`),
    ...others.map((kind) => `  ${printKind(kind)}, not counted`),
  ];
}

function printKind({ kind, files, bytes }: CacheKind): string {
  return `${printable(kind)}: ${files} ${files === 1 ? 'file' : 'files'}, ${megabytes(bytes)}`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(1)} MiB`;
}
