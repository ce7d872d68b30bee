import { createContextValues, type ConnectRouter } from "@connectrpc/connect";
import type { Filter } from "../cache/store.ts";
import { RouterError } from "../errors.ts";
import { AdminService, type PurgeCacheRequest } from "../gen/signalbox/v1/admin_pb.ts";
import type { CacheDesk } from "./admin-desk.ts";
import { createConnectDoor } from "./connect.ts";
import type { Guest } from "./guest.ts";
import type { Door } from "./listen.ts";
import { connectError, JSON_OPTIONS } from "./rpc-error.ts";

export interface AdminRpcOptions {
  readonly cache: CacheDesk;
  fault(where: string, error: unknown): void;
}

export const ADMIN_PREFIX = `/${AdminService.typeName}/`;

/** A question to the house is a few names. */
const LIMITS = { bytes: 8192, depth: 8, items: 64, timeoutMs: 10_000 };
const MOST_NAME = 256;
const ID = /^[\w-]{22}$/u;

/** gRPC, gRPC-Web and Connect JSON of AdminService. Who may ask is known before. */
export function createAdminRpc({ cache, fault }: AdminRpcOptions): Door {
  const telling = async <T>(act: () => Promise<T>): Promise<T> => {
    try {
      return await act();
    } catch (caught) {
      throw connectError(caught, fault, "admin rpc");
    }
  };
  const routes = (router: ConnectRouter) =>
    router.service(
      AdminService,
      {
        getCacheStats: () => telling(async () => there(await cache.stats())),
        purgeCache: (request) => telling(async () => ({ removed: there(await cache.purge(filterOf(request))) })),
      },
      // Whoever purges by hand should see that it was nothing.
      { jsonOptions: { ...JSON_OPTIONS, alwaysEmitImplicit: true } },
    );
  return createConnectDoor({ routes, fault, plain: [], enter: () => visitor() });
}

const visitor = (): Guest => ({ values: createContextValues(), limits: LIMITS, refused() {}, leave() {} });

/** Nobody empties a cache by a message that says nothing. Errors: invalid_request. */
function filterOf({ tenant, route, id, all }: PurgeCacheRequest): Filter {
  for (const [param, text] of Object.entries({ tenant, route })) {
    if (text.length > MOST_NAME)
      throw new RouterError("invalid_request", `${param} has more than ${MOST_NAME} characters.`, { param });
  }
  if (id !== "" && !ID.test(id)) {
    throw new RouterError("invalid_request", "id is the 22 characters of the header x-signalbox-cache-id.", {
      param: "id",
    });
  }
  const filter = { ...(tenant && { tenant }), ...(route && { route }), ...(id && { id }) };
  const isEmpty = Object.keys(filter).length === 0;
  if (isEmpty && !all)
    throw new RouterError("invalid_request", "Say what to purge: tenant, route, id, or all for everything.");
  if (!isEmpty && all)
    throw new RouterError("invalid_request", "all purges everything: give nothing beside it.", { param: "all" });
  return filter;
}

function there<T>(answer: T | undefined): T {
  if (answer === undefined) throw new RouterError("no_cache", "The config has no cache (its part `cache`).");
  return answer;
}
