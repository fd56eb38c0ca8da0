import { ProvehouseError } from '@provehouse/secrets';

/** Thrown when Terraform is absent, too old or does not succeed; holds its own explanations. */
export class TerraformError extends ProvehouseError {
  override readonly name = 'TerraformError';
}
