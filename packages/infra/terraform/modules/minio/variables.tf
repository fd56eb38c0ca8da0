variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "running" {
  description = "Whether there are containers and a network; the volumes are kept in any case."
  type        = bool
  nullable    = false
}

variable "config_folder" {
  description = "Folder with the rendered configuration of this platform."
  type        = string
  nullable    = false
}

variable "image" {
  description = "Reference of the image."
  type        = string
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false
}

variable "ports" {
  description = "Ports of this machine that lead to the S3 interface and to the console."
  type        = object({ minio = number, minio_console = number })
  nullable    = false
}

variable "buckets" {
  description = "Buckets that there must be."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for bucket in var.buckets : can(regex("^[a-z0-9][a-z0-9.-]{2,62}$", bucket))])
    error_message = "buckets: expected 3 to 63 lower-case letters, digits, dots and dashes, as S3 requires of names."
  }
}
