import { call } from "../../../kit/call.ts";
import { getMetrics } from "../../health/metrics.ts";

export const getAdminMetrics = call({
  ...getMetrics,
  id: "getAdminMetrics",
  path: "/v1/admin/metrics",
  scope: "admin",
  summary: "The metrics of this server, for the console",
  description:
    "The same text as that of `/metrics`, for a caller with the admin key and without a metrics key.",
});
