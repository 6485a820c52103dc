/** An element of an XML document without text, comments or processing instructions. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
}

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** The root of a small XML document; throws Error where it is not well-formed. */
export function parseXml(text: string): XmlElement {
  const root: { children: XmlElement[] } = { children: [] };
  const open: { name: string; children: XmlElement[] }[] = [{ name: '', ...root }];
  const body = text.replace(/^<\?xml version="1\.0" encoding="UTF-8"\?>/u, '');
  const pieces = /<(\/?)([A-Za-z][\w-]*)((?:\s+[A-Za-z][\w-]*="[^"<]*")*)\s*(\/?)>|([^<]+)|(<)/gu;
  for (const [, close, name = '', attributes = '', empty, characters = '', stray] of body.matchAll(pieces)) {
    if (stray !== undefined) throw new Error('a stray <');
    if (characters !== '') {
      decode(characters);
      continue;
    }
    if (close === '/') {
      if (open.pop()?.name !== name) throw new Error(`</${name}> closes nothing`);
      continue;
    }
    const children: XmlElement[] = [];
    const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/gu)].map(([, key = '', value = '']) => [
      key,
      decode(value),
    ]);
    const values = Object.fromEntries(pairs) as Record<string, string>;
    if (Object.keys(values).length !== pairs.length) throw new Error(`<${name}> has an attribute twice`);
    open.at(-1)?.children.push({ name, attributes: values, children });
    if (empty !== '/') open.push({ name, children });
  }
  const [document, ...unclosed] = open;
  const [element, ...more] = document?.children ?? [];
  if (element === undefined || more.length > 0 || unclosed.length > 0) throw new Error('not one element');
  return element;
}

function decode(text: string): string {
  if (/&(?!(?:lt|gt|amp|quot|apos);)/u.test(text)) throw new Error(`a bare & in '${text}'`);
  return text.replace(/&(\w+);/gu, (_, name: string) => entities[name] ?? '');
}
