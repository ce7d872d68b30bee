/** A verb that could not do its work. The message is for the person at the terminal and says what to do; empty when all is said already. */
export class Failure extends Error {
  override readonly name = "Failure";
}
