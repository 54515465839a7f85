/** What the app is called towards the system. */
export const PRODUCT = "LlamaRunner Pro";
export const APP_ID = "pro.llamarunner.desktop";
export const PROGRAM = "llama-runner-pro";
export const SCHEME = "llama-runner-pro";
