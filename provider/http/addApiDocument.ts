import type { ProviderContext } from '../ProviderContext.ts';
import type { ProviderApp } from './ProviderApp.ts';
import { printApiDocument } from './printApiDocument.ts';

/** `/openapi.json`, made from the routes, and `/docs`, the same as a page to read. */
export function addApiDocument(app: ProviderApp, context: ProviderContext): void {
  const { config } = context;
  app.openAPIRegistry.registerComponent('securitySchemes', 'oidc', {
    type: 'openIdConnect',
    openIdConnectUrl: `${config.oidc?.issuer ?? config.publicUrl}/.well-known/openid-configuration`,
    description: 'Access token of the provider’s identity provider, for drivers and operators',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'staff', {
    type: 'http',
    scheme: 'bearer',
    description: 'The staff token of the configuration',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'peer', {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description: 'HTTP message signature (RFC 9421) with the peer’s certificate key',
  });
  app.openAPIRegistry.registerComponent('securitySchemes', 'station', {
    type: 'apiKey',
    in: 'header',
    name: 'Signature',
    description: 'HTTP message signature (RFC 9421) with the station’s certified key',
  });
  const makeDocument = () =>
    app.getOpenAPI31Document({
      openapi: '3.1.0',
      info: {
        title: `${config.name} (${config.providerId})`,
        version: '1',
        description:
          'The interface of an electricity provider in a P2P-Power network. Refusals are problem documents ' +
          '(RFC 9457) whose `refusal` is a stable name.',
        license: { name: 'Apache-2.0' },
      },
      servers: [{ url: config.publicUrl }],
    });
  app.get('/openapi.json', (c) => c.json(makeDocument()));
  app.get('/docs', (c) =>
    c.html(printApiDocument(makeDocument()), 200, {
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    }),
  );
}
