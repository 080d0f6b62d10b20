/**
 * What is said where an answer is read of all cells of the store.
 *
 * @module
 */

import { z } from "zod";

/** The cells that did not answer. */
export const cellsSilent = z.int().min(1).exactOptional().meta({
  description:
    "How many cells of the store did not answer: what is in them is missing here. Absent: all answered",
  example: 2,
});
