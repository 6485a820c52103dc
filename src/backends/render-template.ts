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
