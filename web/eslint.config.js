import js from "@eslint/js";

const names = (words) => Object.fromEntries(words.split(" ").map((name) => [name, "readonly"]));

const BROWSER = `Blob DataView DecompressionStream Event FormData ImageData ResizeObserver Response
TextDecoder URL URLSearchParams addEventListener atob clearTimeout document fetch getComputedStyle
globalThis history location matchMedia navigator performance requestAnimationFrame setTimeout window`;

export default [
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: {
      ecmaVersion: 2023,
      sourceType: "module",
      globals: names(BROWSER.replace(/\s+/g, " ")),
    },
    rules: {
      complexity: ["error", 16],
      eqeqeq: "error",
      "max-lines-per-function": ["error", 80],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "a recording is data, never markup" },
        { property: "outerHTML", message: "a recording is data, never markup" },
        { property: "insertAdjacentHTML", message: "a recording is data, never markup" },
      ],
    },
  },
];
