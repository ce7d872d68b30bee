import type { View } from "../view.ts";

/** One instance of a plugin, and what it stands on. */
export interface Instance {
  readonly name: string;
  readonly view: View;
  readonly service: View | undefined;
  /** The routes that it holds for, as far as the file shows. */
  readonly routes: readonly View[];
}

/** Every instance in a declarative file: at the top, under services, under routes. */
export function instancesIn(root: View): Instance[] {
  const services = root.list("services");
  const loose = root.list("routes").map((view) => ({ view, service: named(services, view.child("service")) }));
  const routes = [
    ...services.flatMap((service) => service.list("routes").map((view) => ({ view, service }))),
    ...loose,
  ];
  const of = (service: View) =>
    routes.filter((route) => route.service?.value === service.value).map(({ view }) => view);
  const every = routes.map(({ view }) => view);
  return [
    ...services.flatMap((service) => pluginsOf(service, service, of(service))),
    ...routes.flatMap(({ view, service }) => pluginsOf(view, service, [view])),
    ...root.list("plugins").map((view) => {
      const route = named(every, view.child("route"));
      const service = named(services, view.child("service")) ?? routes.find((one) => one.view === route)?.service;
      return { name: view.text("name") ?? "", view, service, routes: route ? [route] : service ? of(service) : every };
    }),
  ];
}

const pluginsOf = (holder: View, service: View | undefined, routes: readonly View[]): Instance[] =>
  holder.list("plugins").map((view) => ({ name: view.text("name") ?? "", view, service, routes }));

/** What a reference names: `service: models`, or `service: { name: models }`. */
function named(known: readonly View[], reference: View | undefined): View | undefined {
  if (!reference) return undefined;
  const name = typeof reference.value === "string" ? reference.value : (reference.text("name") ?? reference.text("id"));
  return known.find((one) => name !== undefined && (one.text("name") === name || one.text("id") === name));
}
