export { completeSecrets } from './complete.ts';
export { decryptFernet, encryptFernet, FernetError, generateFernetKey } from './fernet.ts';
export { FIELDS, type FieldName, type Secrets } from './fields.ts';
export { generateSecrets } from './generate.ts';
export { defaultHome, defaultName, givenPath, secretsFile } from './location.ts';
export { withPlatformOptions, type PlatformOptions } from './platform-options.ts';
export { isPlaceholder } from './placeholder.ts';
export { InterruptedError, ProvehouseError } from './provehouse-error.ts';
export { describeError, reportError } from './report-error.ts';
export { renderDotenv } from './dotenv-text.ts';
export { writePrivateFile } from './private-file.ts';
export { finishRotation, rotateSecrets } from './rotate.ts';
export {
  checkedSecrets,
  checkSecrets,
  readSecrets,
  readSecretValues,
  writeSecrets,
} from './secrets-file.ts';
export { SecretsError, type Problem } from './secrets-error.ts';
