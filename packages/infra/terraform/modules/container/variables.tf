variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "component" {
  description = "Name of the component, which is also the name by which others find it."
  type        = string
  nullable    = false
}

variable "kind" {
  description = "What the component is."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z-]*$", var.kind))
    error_message = "kind: expected lower-case letters and dashes, such as \"postgres\", by which containers are found again."
  }
}

variable "image_id" {
  description = "Id of the image; a reference would look changed at every plan."
  type        = string
  nullable    = false
}

variable "user" {
  description = "User and group as numbers, such as 101:101."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^\\d+:\\d+$", var.user))
    error_message = "user: expected UID:GID as numbers, because names differ from image to image."
  }
}

variable "command" {
  description = "Words of the command; the image's own when empty."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "entrypoint" {
  description = "Words of the entry point; the image's own when empty."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "environment" {
  description = "Settings that are no secrets: they can be read by whoever may look at the container."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "files" {
  description = "Files on this machine by their path in the container; only their hash is kept in the state."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "scripts" {
  description = "Texts without secrets by their path in the container."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "volumes" {
  description = "Volumes by the path where they are mounted."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "unkept" {
  description = "Paths that the image declares as volumes and whose content nobody needs; they are in memory."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "open_files" {
  description = "Limit of open files (nofile); the engine's own when null."
  type        = number
  default     = null
}

variable "folders" {
  description = "Folders of this machine that the container may read, by the path where they are mounted."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "written_folders" {
  description = "Folders of this machine that the container may write to, by the path where they are mounted; its user has to be allowed to."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "networks" {
  description = "Networks in which the container is found under its component's name."
  type        = list(string)
  nullable    = false

  validation {
    condition     = length(var.networks) > 0
    error_message = "networks: expected at least one, because the engine's own default network has no names."
  }
}

variable "ports" {
  description = "Ports of this machine's loopback address by the port in the container."
  type        = map(number)
  default     = {}
  nullable    = false
}

variable "memory_mib" {
  description = "Memory that the container may use, in MiB; none is swapped."
  type        = number
  nullable    = false
}

variable "health" {
  description = "Command that asks the component something real, how often in seconds, and how much longer it waits after a good answer; none for a job."
  type = object({
    test     = list(string)
    interval = number
    pause    = optional(number, 10)
    timeout  = optional(number, 10)
    retries  = optional(number, 3)
    start    = optional(number, 120)
  })
  default = null
}

variable "stop" {
  description = "Signal that ends it cleanly, and the seconds that it is given."
  type = object({
    signal  = optional(string, "SIGTERM")
    seconds = optional(number, 20)
  })
  default  = {}
  nullable = false
}
