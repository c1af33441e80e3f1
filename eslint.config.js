import js from "@eslint/js";
import globals from "globals";

/** A sentence or a word that a person reads: it begins as one does, or is made of several words. */
const READABLE = /^[“(]?[A-Z][a-z]+[.:…!?]?$|^[“(]?[A-Z]?[a-z]*[’']?[a-z,]*:? [^;{}<>=]*[a-z]{2}/;
/** The same for a text that is put together: it has a word of its own between spaces or quotation marks. */
const MADE = /(^|[\s“”])[A-Za-z]?[a-z]{2,}[.,:…?]?([\s“”]|$)/;
const CODE =
  /^\(|^[\w-]+: |^(pi|ds)[ -]|^[a-z]+(-[a-z]+)+( |$)|\[|^(Content-Type|Enter|Escape|Home|End|Tab|Delete|Backspace|Control|Shift|Alt|Meta|Space|Insert|Dead|Extensions|Datasete|Files|Ctrl)$|^(input|button), /;
/** These translate their text, or it is for the log. A text that is put together cannot be looked up. */
const SAYS = /^(say|sayCount|button|iconButton|searchField|report|guarded|chain)$/;
const LOGS = /^(report|guarded|chain)$/;

/** Whether a text is an argument of a function that translates it. @param {any} node */
function isSaid(node) {
  const isMade = node.type === "TemplateLiteral" && node.expressions.length > 0;
  const { type, callee } = node.parent;
  return type === "CallExpression" && (isMade ? LOGS : SAYS).test(callee.name ?? "");
}

/** Whether a text is not shown at all, or ComfyUI translates it by the id beside it. @param {any} node */
function isElsewhere({ parent }) {
  if (/^(ImportDeclaration|MemberExpression|BinaryExpression|SwitchCase)$/.test(parent.type)) return true;
  if (parent.type === "NewExpression") return parent.callee.name !== "ServerError";
  const siblings = parent.type === "Property" ? parent.parent.properties : [];
  return siblings.some(({ key, value }) => key?.name === "id" && String(value?.value).startsWith("Datasete."));
}

/** Texts for people go through `say`, so that they can be translated. */
const sayTexts = {
  create: (context) => {
    const check = (/** @type {any} */ node, /** @type {string} */ text) => {
      if (!READABLE.test(text) || CODE.test(text) || isSaid(node) || isElsewhere(node)) return;
      context.report({ node, message: `Not translatable: ${text}` });
    };
    return {
      Literal: (node) => typeof node.value === "string" && check(node, node.value),
      TemplateLiteral: (node) => {
        const text = node.quasis.map(({ value }) => value.cooked).join("{}");
        const isText = MADE.test(text.replaceAll("{}", "")) && /[\s“]/.test(text) && !/[<>#;=/]|-{2}|\(/.test(text);
        if (isText && !CODE.test(text)) check(node, `Text ${text}`);
      },
    };
  },
};

export default [
  js.configs.recommended,
  {
    files: ["web/**/*.js"],
    languageOptions: { ecmaVersion: 2024, sourceType: "module", globals: globals.browser },
    plugins: { datasete: { rules: { "say-texts": sayTexts } } },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      eqeqeq: "error",
      "datasete/say-texts": "error",
      "no-console": ["error", { allow: ["warn", "error"] }],
      "no-eval": "error",
      "no-implicit-globals": "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "max-lines": ["error", 300],
      "max-lines-per-function": ["error", { max: 60 }],
      // What a server sends is text, never markup.
      "no-restricted-properties": [
        "error",
        ...["innerHTML", "outerHTML", "insertAdjacentHTML"].map((property) => ({ property, message: "Use textContent." })),
      ],
      "no-restricted-syntax": [
        "error",
        {
          selector: "AssignmentExpression > MemberExpression[property.name=/^(innerHTML|outerHTML)$/]",
          message: "Use textContent.",
        },
      ],
    },
  },
  {
    // Kinds of files, which nobody reads.
    files: ["web/lib/pool/kinds.js"],
    rules: { "datasete/say-texts": "off" },
  },
];
