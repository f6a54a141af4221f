/**
 * Other servers that ask for a stream that is still asked for itself. If those ask each other they would wait for one
 * another: so it is asked for anew in the name of both, which one of them knows for a loop.
 *
 * @module
 */

/** The servers that one pull is for, round by round. */
export class AskingServers {
  #ids: readonly string[] = [];
  #beganAnew = false;

  /** Their ids, for the attempts of this round. */
  get ids(): readonly string[] {
    return this.#ids;
  }

  /**
   * One with these ids asks. Once a round only, as anybody can say that he is a server.
   *
   * @param isUnderWay an attempt is that did not name them
   * @returns whether that is to begin anew
   */
  add(ids: readonly string[], isUnderWay: boolean): boolean {
    if (this.#beganAnew || ids.every((id) => this.#ids.includes(id))) return false;
    this.#ids = ids;
    return this.#beganAnew = isUnderWay;
  }

  /** The round is over: the next one is for nobody, until somebody asks again. */
  forget(): void {
    this.#ids = [];
    this.#beganAnew = false;
  }
}
