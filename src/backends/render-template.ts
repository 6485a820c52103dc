import Handlebars from 'handlebars';

/** Gives the text of a template of the package's `templates` folder; throws where there is none. No disk access here. */
export interface EmitContext {
  readonly template: (name: string) => string;
}

/** Everything a template prints, by name. Text only: templates frame files, expressions are printed in TypeScript. */
export type TemplateView = Readonly<Record<string, string>>;

/** Fill in a template. Throws where it asks for a name that the view lacks. */
export function renderTemplate(template: string, view: TemplateView): string {
  // Escaping would turn < and > of hardware languages into HTML.
  return Handlebars.compile(template, { noEscape: true, strict: true, knownHelpersOnly: true })(view);
}

/** The names that a template asks for; throws where it holds anything else than plain names. */
export function templateNames(template: string): readonly string[] {
  const names = new Set<string>();
  for (const statement of Handlebars.parse(template).body) {
    if (statement.type === 'ContentStatement' || statement.type === 'CommentStatement') continue;
    const { path } = statement as hbs.AST.MustacheStatement;
    if (statement.type !== 'MustacheStatement' || path.type !== 'PathExpression') {
      throw new SyntaxError(`a template holds names only, not a ${statement.type}`);
    }
    names.add((path as hbs.AST.PathExpression).original);
  }
  return [...names];
}
