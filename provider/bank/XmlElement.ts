import { accept, type Result, refuse } from '@p2p-power/tariff/Result';
import { SaxesParser } from 'saxes';

/** An element of a document, with the line on which it begins. */
export interface XmlElement {
  /** Without prefix. */
  readonly name: string;
  readonly namespace: string;
  readonly line: number;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without blanks around it. */
  readonly text: string;
}

/** Why a document is not read, in order of precedence. */
export type XmlRefusal =
  /** It declares a type, and with it could declare entities. */
  | 'doctype-refused'
  /** It says that it is in another encoding than UTF-8. */
  | 'encoding-unsupported'
  | 'too-deep'
  | 'too-many-elements'
  /** Not well formed (XML 1.0), or an entity that XML itself does not know. */
  | 'not-xml';

const maxDepth = 32;
const maxElements = 400_000;

interface OpenElement extends XmlElement {
  readonly children: XmlElement[];
  text: string;
}

/**
 * Reads an XML document from anybody: well formed, no document type, hence no entities but the five of XML
 * itself, limits on depth and number. The detail of a refusal begins with the line.
 */
export function parseXml(source: string): Result<XmlElement, XmlRefusal> {
  const parser = new SaxesParser({ xmlns: true, position: true });
  const open: OpenElement[] = [];
  let root: XmlElement | undefined;
  let count = 0;
  const stop = (refusal: XmlRefusal, detail: string): never => {
    throw new Stopped(refusal, `line ${parser.line}: ${detail}`);
  };
  parser.on('xmldecl', ({ encoding }) => {
    if (encoding !== undefined && !/^utf-?8$/i.test(encoding))
      stop('encoding-unsupported', `${encoding.slice(0, 40)} is not UTF-8`);
  });
  parser.on('doctype', () => stop('doctype-refused', 'a document type is declared'));
  parser.on('error', (error) => stop('not-xml', error.message.replace(/^.*?\d+:\d+: /, '').slice(0, 200)));
  parser.on('opentag', (tag) => {
    count += 1;
    if (open.length >= maxDepth) stop('too-deep', `more than ${maxDepth} elements in each other`);
    if (count > maxElements) stop('too-many-elements', `more than ${maxElements}`);
    const attributes = Object.values(tag.attributes).map(({ local, value }) => [local, value] as const);
    open.push({
      name: tag.local,
      namespace: tag.uri,
      line: parser.line,
      attributes: new Map(attributes),
      children: [],
      text: '',
    });
  });
  const addText = (text: string) => {
    const inner = open.at(-1);
    if (inner !== undefined) inner.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  parser.on('closetag', () => {
    const element = open.pop() as OpenElement;
    element.text = element.text.trim();
    const parent = open.at(-1);
    if (parent === undefined) root = element;
    else parent.children.push(element);
  });
  try {
    parser.write(source).close();
  } catch (error) {
    if (error instanceof Stopped) return refuse(error.refusal, error.message);
    throw error;
  }
  return root === undefined ? refuse('not-xml', 'line 1: no element') : accept(root);
}

class Stopped extends Error {
  readonly refusal: XmlRefusal;

  constructor(refusal: XmlRefusal, detail: string) {
    super(detail);
    this.refusal = refusal;
  }
}

/** The element at a path of names below this one, the first of each name. */
export function childAt(element: XmlElement, ...path: readonly string[]): XmlElement | undefined {
  let at: XmlElement | undefined = element;
  for (const name of path) at = at?.children.find((child) => child.name === name);
  return at;
}

export const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);
