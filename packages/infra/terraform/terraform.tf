terraform {
  required_version = ">= 1.11"

  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 4.5"
    }
  }
}

# The engine is the one of DOCKER_HOST, or the usual one of this machine, unless whoever uses this module
# configures the provider.
