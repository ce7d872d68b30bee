import { LRUCache } from "lru-cache";
import type { Bounds } from "./store.ts";

export interface Kept {
  readonly name: string;
  readonly tenant: string;
  readonly bytes: number;
}

/**
 * Which entries are kept. Where there is no room for another, a tenant that has more than its share loses what it used
 * least; where no tenant has, what nobody used for longest goes. So a tenant may fill what others leave empty, and
 * still never pushes them out.
 */
export interface Shelf<T extends Kept> {
  readonly size: number;
  readonly bytes: number;
  /** And it counts as used now. */
  use(name: string): T | undefined;
  peek(name: string): T | undefined;
  /** Puts it in, in place of one of the same name, and answers all that had to go for room. */
  add(thing: T): { readonly replaced: T | undefined; readonly evicted: T[] };
  remove(name: string): T | undefined;
  values(): Iterable<T>;
}

interface Tenant<T extends Kept> {
  readonly order: LRUCache<string, T>;
  bytes: number;
}

/** Things larger than all room there is are for the caller to refuse. */
export function createShelf<T extends Kept>({ entries, bytes, share }: Bounds): Shelf<T> {
  const all = new LRUCache<string, T>({ max: entries });
  const tenants = new Map<string, Tenant<T>>();
  /** Tenants with more than their share, the one that has been for longest first. */
  const over = new Set<string>();
  let total = 0;

  const isOverShare = (ownEntries: number, ownBytes: number) =>
    ownEntries > share * entries || ownBytes > share * bytes;

  function tenantOf(name: string): Tenant<T> {
    const known = tenants.get(name);
    if (known) return known;
    // Bounded by what makes room; the library wants a bound of its own.
    const tenant = {
      order: new LRUCache<string, T>({ maxSize: bytes, sizeCalculation: (thing) => thing.bytes }),
      bytes: 0,
    };
    tenants.set(name, tenant);
    return tenant;
  }

  function count(name: string, tenant: Tenant<T>, change: number): void {
    tenant.bytes += change;
    total += change;
    if (isOverShare(tenant.order.size, tenant.bytes)) over.add(name);
    else over.delete(name);
    if (tenant.order.size === 0) tenants.delete(name);
  }

  function remove(name: string): T | undefined {
    const thing = all.peek(name);
    if (!thing) return undefined;
    const tenant = tenants.get(thing.tenant)!;
    all.delete(name);
    tenant.order.delete(name);
    count(thing.tenant, tenant, -thing.bytes);
    return thing;
  }

  /** A tenant that would have more than its share gives room to itself first. */
  function leastFor(thing: T): string {
    const own = tenants.get(thing.tenant);
    const isOver = own && isOverShare(own.order.size + 1, own.bytes + thing.bytes);
    const owner = isOver ? thing.tenant : first(over);
    return first((owner === undefined ? all : tenants.get(owner)!.order).rkeys())!;
  }

  return {
    get size() {
      return all.size;
    },
    get bytes() {
      return total;
    },
    use(name) {
      const thing = all.get(name);
      if (thing) tenants.get(thing.tenant)!.order.get(name);
      return thing;
    },
    peek: (name) => all.peek(name),
    add(thing) {
      const replaced = remove(thing.name);
      const evicted: T[] = [];
      while (all.size >= entries || total + thing.bytes > bytes) evicted.push(remove(leastFor(thing))!);
      const tenant = tenantOf(thing.tenant);
      all.set(thing.name, thing);
      tenant.order.set(thing.name, thing);
      count(thing.tenant, tenant, thing.bytes);
      return { replaced, evicted };
    },
    remove,
    values: () => all.values(),
  };
}

function first<T>(values: Iterable<T>): T | undefined {
  for (const value of values) return value;
  return undefined;
}
