import type {
  Field,
  FragmentDefinition,
  InlineFragment,
  Operation,
  QueryDocument,
  Selection,
  VariableDefinition,
} from './ast.ts';
import { GraphqlError } from './error.ts';
import { Parser } from './parser.ts';

/** Reads an executable document. Throws a GraphqlError at the first mistake. */
export function parseQuery(text: string): QueryDocument {
  return new QueryParser(text).document();
}

class QueryParser extends Parser {
  document(): QueryDocument {
    const Operations: Operation[] = [];
    const Fragments: FragmentDefinition[] = [];
    while (!this.isAt('<EOF>')) {
      if (this.isAt('{') || ['query', 'mutation', 'subscription'].some((word) => this.isAt('Name', word))) {
        Operations.push(this.#operation());
      } else if (this.isAt('Name', 'fragment')) {
        Fragments.push(this.#fragmentDefinition());
      } else {
        throw this.unexpected();
      }
    }
    return { Operations, Fragments };
  }

  #operation(): Operation {
    const position = this.position();
    // OPA keeps no comment before a query without its keyword.
    if (this.isAt('{')) return { position, Operation: 'query', Name: '', SelectionSet: this.#selectionSet() };
    const Comment = this.comment;
    const kind = this.next().value;
    const Name = this.isAt('Name') ? this.name() : '';
    const VariableDefinitions = this.#variableDefinitions();
    const Directives = this.directives(false);
    return {
      position,
      Comment,
      Operation: kind,
      Name,
      VariableDefinitions,
      Directives,
      SelectionSet: this.#selectionSet(),
    };
  }

  #variableDefinitions(): VariableDefinition[] {
    const found: VariableDefinition[] = [];
    this.some('(', ')', () => {
      const position = this.position();
      const Comment = this.comment;
      const Variable = this.variable();
      this.expect(':');
      const definition: VariableDefinition = { position, Comment, Variable, Type: this.typeReference(), Used: false };
      if (this.skip('=')) definition.DefaultValue = this.value(true);
      definition.Directives = this.directives(false);
      found.push(definition);
    });
    return found;
  }

  #selectionSet(): Selection[] {
    const token = this.peek();
    if (token.kind !== '{') throw new GraphqlError(`Expected {, found ${token.kind}`, token.position);
    const found: Selection[] = [];
    this.some('{', '}', () => found.push(this.isAt('...') ? this.#fragment() : this.#field()));
    return found;
  }

  #field(): Field {
    const position = this.position();
    const Comment = this.comment;
    const Alias = this.name();
    const Name = this.skip(':') ? this.name() : Alias;
    const Arguments = this.arguments(false);
    const Directives = this.directives(false);
    const field: Field = { kind: 'field', position, Comment, Alias, Name, Arguments, Directives };
    if (this.isAt('{')) field.SelectionSet = this.#selectionSet();
    return field;
  }

  #fragment(): Selection {
    this.peek();
    const Comment = this.comment;
    this.expect('...');
    const position = this.position();
    if (this.isAt('Name') && !this.isAt('Name', 'on')) {
      return { kind: 'spread', position, Comment, Name: this.name(), Directives: this.directives(false) };
    }
    const fragment: InlineFragment = { kind: 'inline', position, Comment, TypeCondition: '' };
    if (this.skip('Name', 'on')) fragment.TypeCondition = this.name();
    fragment.Directives = this.directives(false);
    fragment.SelectionSet = this.#selectionSet();
    return fragment;
  }

  #fragmentDefinition(): FragmentDefinition {
    const position = this.position();
    const Comment = this.comment;
    this.expectKeyword('fragment');
    if (this.isAt('Name', 'on')) throw this.unexpected();
    const Name = this.name();
    const VariableDefinition = this.#variableDefinitions();
    this.expectKeyword('on');
    const TypeCondition = this.name();
    const Directives = this.directives(false);
    return {
      position,
      Comment,
      Name,
      VariableDefinition,
      TypeCondition,
      Directives,
      SelectionSet: this.#selectionSet(),
    };
  }
}
