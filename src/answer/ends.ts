/** Why we ended a try ourselves, as the reason of its abort. */

/** Another try had something for the client first. */
export const OUTRUN = Symbol("outrun");
/** Its answer is not going to be given out: it did not pass, or thought for too long. */
export const CUT = Symbol("cut");
