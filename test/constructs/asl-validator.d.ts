/** The package has no declarations; this is the part that the tests use. */
declare module 'asl-validator' {
  function validate(definition: object): {
    readonly isValid: boolean;
    errorsText(separator?: string): string;
  };
  export = validate;
}
