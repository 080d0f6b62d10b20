import{b as e,f as r,g as s,i as o,j as i}from"./chunk-WY5Q4H3A.js";import"./chunk-SQE76S5B.js";function a(t){if(/^\/pages\/[a-z-]+\.js$/.test(t))return t;throw new TypeError("A page starts scripts of its own only")}var n=globalThis.trustedTypes?.createPolicy("offcode",{createScriptURL:a});function c(t){return n===void 0?a(t):n.createScriptURL(t)}var g={title:"Your wallet"},p={en:g,zh:{title:"我的钱包"}};var l=s();o(l);var m=r(p,l);e(i`
    <main>
      <h1>${m("title")}</h1>
    </main>
  `,document.body);await navigator.serviceWorker?.register(c("/pages/wallet-worker.js"),{scope:"/wallet"});
