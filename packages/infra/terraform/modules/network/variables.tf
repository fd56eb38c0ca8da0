variable "platform" {
  description = "Name of the platform."
  type        = string
  nullable    = false
}

variable "component" {
  description = "Name of the component whose network it is; others join it by the name that comes out."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]*$", var.component))
    error_message = "component: expected lower-case letters, digits and dashes, because the network's name is made of it."
  }
}

variable "kind" {
  description = "What the component is."
  type        = string
  nullable    = false
}
