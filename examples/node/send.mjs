// Sends one payload through a privacy service, and prints what may be passed on.
//
//   node send.mjs order.json acme-shop swift-parcel dpv:DeliveryOfGoods
//
// Where the service is and who you are come from the environment:
//   PRIVACY_ADDRESS  host:port                     PRIVACY_CA    its authority, PEM
//   PRIVACY_CERT     your client certificate, PEM  PRIVACY_KEY   its private key, PEM
import {randomUUID} from 'node:crypto';
import {readFileSync} from 'node:fs';
import {dirname, join} from 'node:path';
import {fileURLToPath} from 'node:url';
import grpc from '@grpc/grpc-js';
import protoLoader from '@grpc/proto-loader';

const here = dirname(fileURLToPath(import.meta.url));
const definitions = protoLoader.loadSync(
  ['privacy_service/v1/enforcement.proto', 'google/rpc/status.proto', 'google/rpc/error_details.proto'],
  {includeDirs: [join(here, '../../proto')], keepCase: true, longs: Number, enums: String, defaults: true, oneofs: true},
);
const api = grpc.loadPackageDefinition(definitions);

const [file, sender, recipient, purpose, contentType = 'application/json'] = process.argv.slice(2);
if (!purpose) {
  console.error('usage: node send.mjs FILE SENDER RECIPIENT PURPOSE [CONTENT-TYPE]');
  process.exit(2);
}

const read = (name) => readFileSync(process.env[name]);
const client = new api.privacy_service.v1.EnforcementService(
  process.env.PRIVACY_ADDRESS ?? 'localhost:8443',
  grpc.credentials.createSsl(read('PRIVACY_CA'), read('PRIVACY_KEY'), read('PRIVACY_CERT')),
);

// Keep the request id until you have an answer: sent again, it has one effect.
const request = {
  sender, recipient, purpose,
  content_type: contentType,
  payload: readFileSync(file),
  request_id: randomUUID(),
};

client.Transfer(request, {deadline: Date.now() + 30_000}, (error, response) => {
  client.close();
  if (error) {
    const info = errorInfo(error);
    console.error(`${info?.reason ?? grpc.status[error.code]}: ${error.details}`);
    process.exit(1);
  }
  const {decision, payload, audit} = response.result;
  console.error(`${decision.effect} at audit position ${audit.position}`);
  for (const reason of decision.reasons) console.error(`  ${reason.code}: ${reason.message}`);
  // Only these two effects release. Anything else, also one that you do not know yet, means no.
  if (decision.effect === 'EFFECT_ALLOW' || decision.effect === 'EFFECT_TREATED') {
    process.stdout.write(payload);
  } else {
    process.exitCode = 1;
  }
});

// The stable reason of an error: google.rpc.ErrorInfo in the trailers (AIP-193).
function errorInfo(error) {
  const [packed] = error.metadata?.get('grpc-status-details-bin') ?? [];
  if (!packed) return undefined;
  const decode = (name, bytes) => definitions[`google.rpc.${name}`].deserialize(bytes);
  const status = decode('Status', packed);
  const found = status.details.find((detail) => detail.type_url.endsWith('/google.rpc.ErrorInfo'));
  return found && decode('ErrorInfo', found.value);
}
