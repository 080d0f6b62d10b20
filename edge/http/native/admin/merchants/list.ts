import { z } from "zod";
import { call, reply } from "../../../kit/call.ts";
import { cellsSilent } from "../cells.ts";
import { listedExample, listedMerchant, viewMerchant } from "./merchant.ts";

export const listMerchants = call({
  id: "listMerchants",
  method: "get",
  path: "/v1/admin/merchants",
  scope: "admin",
  summary: "All merchants, oldest first",
  description:
    "A page has up to 100 merchants. Ask for the next page with `cursor`, until it is absent.",
  query: z.strictObject({
    cursor: z.string().exactOptional().meta({
      description: "`cursor` of the page before",
    }),
  }),
  answers: {
    200: {
      says: "A page",
      schema: z.strictObject({
        merchants: z.array(listedMerchant),
        cursor: z.string().exactOptional().meta({
          description: "Asks for the next page; absent on the last page",
        }),
        cells_silent: cellsSilent,
      }).meta({ id: "Merchants" }),
      example: {
        merchants: [listedExample],
        cursor: "WzE3Njk4NTcyMDAwMDAsIm1lcl8wYSJd",
      },
    },
  },
  handle: async ({ merchants }, { query }) =>
    reply(200, await merchants.list(query.cursor), (page) => ({
      ...page,
      merchants: page.merchants.map(viewMerchant),
    })),
});
