/** Where in the app one is; the address after `#`. */
export type Route =
  | { readonly page: 'map' }
  | { readonly page: 'point'; readonly evseId: string }
  | { readonly page: 'unlock'; readonly evseId?: string; readonly linkUrl?: string }
  | { readonly page: 'charge'; readonly authorizationId?: string }
  | { readonly page: 'receipt'; readonly authorizationId: string }
  | { readonly page: 'charges' }
  | { readonly page: 'me' }
  | { readonly page: 'operator' }
  | { readonly page: 'prices'; readonly evseId: string }
  | { readonly page: 'provider' };

/** The route of an address' hash; what is no route is the map. */
export function parseRoute(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?');
  const [page = '', encoded = ''] = path.split('/');
  const name = decode(encoded);
  switch (page) {
    case 'points':
      return name === '' ? { page: 'map' } : { page: 'point', evseId: name };
    case 'unlock': {
      const linkUrl = new URLSearchParams(query).get('link');
      return { page: 'unlock', ...(name !== '' && { evseId: name }), ...(linkUrl !== null && { linkUrl }) };
    }
    case 'charge':
      return { page: 'charge', ...(name !== '' && { authorizationId: name }) };
    case 'receipts':
      return name === '' ? { page: 'charges' } : { page: 'receipt', authorizationId: name };
    case 'charges':
      return { page: 'charges' };
    case 'me':
      return { page: 'me' };
    case 'operator':
      return { page: 'operator' };
    case 'prices':
      return name === '' ? { page: 'operator' } : { page: 'prices', evseId: name };
    case 'provider':
      return { page: 'provider' };
    default:
      return { page: 'map' };
  }
}

/** The hash of a route: what links point to. */
export function hrefOf(route: Route): string {
  switch (route.page) {
    case 'map':
      return '#/';
    case 'point':
      return `#/points/${encodeURIComponent(route.evseId)}`;
    case 'unlock': {
      const name = route.evseId === undefined ? '' : `/${encodeURIComponent(route.evseId)}`;
      const query = route.linkUrl === undefined ? '' : `?link=${encodeURIComponent(route.linkUrl)}`;
      return `#/unlock${name}${query}`;
    }
    case 'prices':
      return `#/prices/${encodeURIComponent(route.evseId)}`;
    case 'charge':
      return route.authorizationId === undefined ? '#/charge' : `#/charge/${route.authorizationId}`;
    case 'receipt':
      return `#/receipts/${route.authorizationId}`;
    default:
      return `#/${route.page}`;
  }
}

/** Goes to a route, as a new entry of the browser's history or in place of the present one. */
export function goTo(route: Route, inPlace = false): void {
  if (inPlace) location.replace(hrefOf(route));
  else location.hash = hrefOf(route);
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
