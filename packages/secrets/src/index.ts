export { decryptFernet, encryptFernet, FernetError, generateFernetKey } from './fernet.ts';
export { FIELDS, type FieldName, type Secrets } from './fields.ts';
export { generateSecrets } from './generate.ts';
export { defaultHome, defaultName, givenPath, secretsFile } from './location.ts';
export { withPlatformOptions, type PlatformOptions } from './platform-options.ts';
export { isPlaceholder } from './placeholder.ts';
export { finishRotation, rotateSecrets } from './rotate.ts';
export { checkSecrets, readSecrets, readSecretValues, writeSecrets } from './secrets-file.ts';
export { SecretsError, type Problem } from './secrets-error.ts';
