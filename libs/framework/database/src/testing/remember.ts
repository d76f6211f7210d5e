/** What is made once for all who ask; anew after a failure. */
export interface Remembered<Value> {
  get(): Promise<Value>;
  forget(): void;
}

export function remember<Value>(make: () => Promise<Value>): Remembered<Value> {
  let made: Promise<Value> | undefined;
  const forget = () => void (made = undefined);
  return {
    get() {
      made ??= make().catch((error: unknown) => {
        forget();
        throw error;
      });
      return made;
    },
    forget,
  };
}
