import type { Problem } from './problem.ts';

/**
 * The problems as a terminal shows them, without colour codes: place, rule and message on one
 * line that editors and CI systems recognize, then the frame, what was expected and the fix.
 */
export function renderProblems(problems: readonly Problem[]): string {
  return problems.map(renderProblem).join('\n\n');
}

function renderProblem(problem: Problem): string {
  const { file, line, column } = problem.location;
  return [
    `${file}:${line}:${column} ${problem.rule}: ${problem.message}`,
    ...(problem.frame === undefined ? [] : [indented(problem.frame)]),
    ...(problem.expected === undefined ? [] : [`  expected: ${problem.expected}`]),
    ...(problem.fix === undefined ? [] : [`  fix: ${problem.fix}`]),
  ].join('\n');
}

function indented(text: string): string {
  return text.replace(/^/gm, '  ').replace(/[ \t]+$/gm, '');
}

/** The order in which somebody reads the files. */
export function byLocation(left: Problem, right: Problem): number {
  const [a, b] = [left.location, right.location];
  if (a.file !== b.file) return a.file < b.file ? -1 : 1;
  return a.line - b.line || a.column - b.column;
}
