import { describe, expect, it } from 'vitest';
import { runTests } from '../index.ts';

describe('coverage', () => {
  const LINES = `package a

default allow := false

allow if {
	some x in input.xs
	x == 1
	not never
}

never if {
	input.never
	ys := [
		y |
		some y in input.ys
		y > 1
	]
	count(ys) > 3
} else := false

f(x) := x

g contains $"<{input.name}>" if {
	input.name with input.other as [1 | true]
}
`;

  /** The ranges of one report as `row:col text`, where they begin. */
  function covered(test: string): { covered: string[]; not: string[]; lines: number[]; percent: number } {
    const report = runTests(
      [
        { file: 'a.rego', text: LINES },
        { file: 'a_test.rego', text: `package a_test\n\ntest_a if { ${test} }\n` },
      ],
      { coverage: true },
    );
    const file = report.coverage!.files['a.rego']!;
    const rows = LINES.split('\n');
    const shown = ({ start, end }: (typeof file.covered)[number]) =>
      start.row === end.row
        ? `${start.row} ${rows[start.row - 1]!.slice(start.col - 1, end.col - 1)}`
        : `${start.row}-${end.row} ${rows[start.row - 1]!.slice(start.col - 1)}…${rows[end.row - 1]!.slice(0, end.col - 1).trim()}`;
    return {
      covered: file.covered.map(shown),
      not: file.not_covered.map(shown),
      lines: [file.covered_lines, file.not_covered_lines],
      percent: file.coverage,
    };
  }

  it('tells heads that gave something and expressions that were evaluated, with all lines they take', () => {
    expect(covered('data.a.allow with input as {"xs": [2, 1]}; data.a.f(1) == 1')).toEqual({
      covered: [
        '5 allow',
        '6 some x in input.xs',
        '7 x == 1',
        '8 not never',
        '12 input.never',
        '19 else := false',
        '21 f(x) := x',
        '21 x',
      ],
      not: [
        '3 default',
        '3 allow := false',
        '11 never',
        '13-17 ys := […]',
        '16 y > 1',
        '18 count(ys) > 3',
        '23 g contains $"<{input.name}>"',
        '23 input.name',
        '24 input.name with input.other as [1 | true]',
        '24 true',
      ],
      lines: [7, 10],
      percent: 700 / 17,
    });
  });

  it('counts an expression of which only a part was tried, and what stands in a template string', () => {
    const found = covered(
      'data.a.never == false with input as {"never": 1}; data.a.g == {"<n>"} with input.name as "n"',
    );
    expect(found.covered).toEqual([
      '12 input.never',
      '13-17 ys := […]',
      '15 some y in input.ys',
      '18 count(ys) > 3',
      '19 else := false',
      '23 g contains $"<{input.name}>"',
      '23 input.name',
      '24 input.name with input.other as [1 | true]',
      '24 true',
    ]);
    expect(found.not).toContain('16 y > 1');
    expect(found.not).toContain('11 never');
  });

  it('is whole for a file without a rule', () => {
    const report = runTests([{ file: 'empty.rego', text: 'package empty\n' }], { coverage: true });
    expect(report.coverage).toMatchObject({ coverage: 100, covered_lines: 0, not_covered_lines: 0 });
  });
});
