// An OAuth2 server that somebody else wrote, as a host for tests: it says what
// the standards say where the sandbox says what Git hosts say. It listens on a
// free loopback port, prints its address as one line and ends with its standard
// input, so that it never outlives the test that started it.
import { createServer } from 'node:http';
import Provider from 'oidc-provider';

const minute = 60;

const configuration = {
  clients: [{
    client_id: 'gitgrant',
    token_endpoint_auth_method: 'none',
    application_type: 'native',
    redirect_uris: ['http://127.0.0.1/callback'], // of a native application: any port
    response_types: ['code'],
    grant_types: [
      'authorization_code',
      'refresh_token',
      'urn:ietf:params:oauth:grant-type:device_code',
    ],
  }],
  scopes: [
    'repo', 'admin:repo_hook', 'read:user', 'read:org', 'workflow',
    'api', 'read_api', 'read_user', 'read_repository', 'write_repository',
  ],
  features: {
    devInteractions: { enabled: true }, // plain pages on which any login is accepted
    deviceFlow: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true, allowedPolicy: () => true },
  },
  pkce: { required: () => true },
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: {
    AccessToken: 5 * minute,
    AuthorizationCode: minute,
    DeviceCode: 10 * minute,
    Grant: 60 * minute,
    Interaction: 10 * minute,
    RefreshToken: 30 * minute,
    Session: 60 * minute,
  },
  cookies: { keys: ['of a test'] },
};

const server = createServer();
server.listen(0, '127.0.0.1', () => {
  const address = `http://127.0.0.1:${server.address().port}`;
  server.on('request', new Provider(address, configuration).callback());
  process.stdout.write(`${address}\n`);
});

process.stdin.on('end', () => process.exit(0)).resume();
