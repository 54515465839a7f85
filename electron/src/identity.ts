/** What the app is called towards the system. */
export const PRODUCT = "LlamaRunner Pro";
export const APP_ID = "pro.llamarunner.desktop";
export const PROGRAM = "llama-runner-pro";
export const SCHEME = "llama-runner-pro";
/** The window's own storage: the only one that gets the token's header. */
export const PARTITION = "persist:dashboard";
