import { describe, expect, it } from '@jest/globals';
import { evaluate, type References } from '../../../lib/local/cloudformation/intrinsics.ts';

const references: References = {
  ref: (name) => `<${name}>`,
  attribute: (logicalId, attribute) => `<${logicalId}.${attribute}>`,
};

/** `${name}`, which CloudFormation replaces and JavaScript must not. */
function placeholder(name: string): string {
  return `\${${name}}`;
}

describe('evaluate', () => {
  it.each<[string, unknown, unknown]>([
    ['a plain value', { a: [1, 'x', null, true] }, { a: [1, 'x', null, true] }],
    ['Ref', { Ref: 'Table' }, '<Table>'],
    ['Fn::GetAtt with a list', { 'Fn::GetAtt': ['Key', 'Arn'] }, '<Key.Arn>'],
    ['Fn::GetAtt with a text', { 'Fn::GetAtt': 'Key.Arn' }, '<Key.Arn>'],
    ['Fn::Join', { 'Fn::Join': [':', ['arn', { Ref: 'P' }, 3]] }, 'arn:<P>:3'],
    [
      'Fn::Sub',
      { 'Fn::Sub': `a-${placeholder('P')}-${placeholder('Key.Arn')}` },
      'a-<P>-<Key.Arn>',
    ],
    ['Fn::Sub of a literal', { 'Fn::Sub': placeholder('!P') }, placeholder('P')],
    ['Fn::Sub with variables', { 'Fn::Sub': [placeholder('x'), { x: { Ref: 'P' } }] }, '<P>'],
    ['Fn::Select and Fn::Split', { 'Fn::Select': [1, { 'Fn::Split': ['-', 'a-b'] }] }, 'b'],
    ['what is nested', { a: { b: [{ Ref: 'T' }] } }, { a: { b: ['<T>'] } }],
    ['a key that only looks like one', { Ref: 'x', other: 1 }, { Ref: 'x', other: 1 }],
  ])('evaluates %s', (_, value, expected) => {
    expect(evaluate(value, references)).toEqual(expected);
  });

  it('fails when it does not know the function, and lists what it knows', () => {
    const attempt = () => evaluate({ 'Fn::ImportValue': 'x' }, references);

    expect(attempt).toThrow('does not know the function Fn::ImportValue');
  });

  it('fails when an argument has the wrong shape', () => {
    expect(() => evaluate({ 'Fn::Join': 'x' }, references)).toThrow(
      'Fn::Join needs a list, got "x"',
    );
  });
});
