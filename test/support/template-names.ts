import Handlebars from 'handlebars';

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
