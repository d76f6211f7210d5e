/** What a server says that a command failed with. */
export class MongoFault extends Error {
  readonly code: number;
  readonly codeName: string;
  constructor(code: number, codeName: string, message = codeName) {
    super(message);
    this.code = code;
    this.codeName = codeName;
  }
}
