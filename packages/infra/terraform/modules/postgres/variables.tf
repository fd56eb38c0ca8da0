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

variable "consumers" {
  description = "Who gets a database and a user of the same name; the password is in <consumer>.password."
  type        = set(string)
  nullable    = false

  validation {
    condition     = alltrue([for consumer in var.consumers : can(regex("^[a-z][a-z_]*$", consumer))])
    error_message = "consumers: expected names of lower-case letters and underscores, because they become names of databases."
  }
}

variable "image" {
  description = "Reference of the image."
  type        = string
  nullable    = false
}

variable "port" {
  description = "Port of this machine that leads to the server."
  type        = number
  nullable    = false
}

variable "memory_mib" {
  description = "Memory limit in MiB."
  type        = number
  nullable    = false
}
