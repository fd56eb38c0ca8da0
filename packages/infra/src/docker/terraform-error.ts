/** Thrown when Terraform is absent, too old or does not succeed; holds its own explanations. */
export class TerraformError extends Error {
  override readonly name = 'TerraformError';
}
