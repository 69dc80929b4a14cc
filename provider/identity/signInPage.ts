import { html } from 'hono/html';

/** The page of the development identity provider on which people sign in; fit for a phone. */
export function signInPage(options: {
  readonly providerName: string;
  readonly action: string;
  readonly email: string;
  readonly complaint?: string;
  readonly people: readonly { readonly name: string; readonly email: string }[];
  readonly password: string;
}): string {
  return String(html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in – ${options.providerName}</title>
<style>
:root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif }
body { margin: 0; min-height: 100dvh; display: grid; place-items: center; background: color-mix(in srgb, CanvasText 5%, Canvas) }
main { width: min(22rem, calc(100vw - 3rem)); padding: 1.5rem; border-radius: 1rem; background: Canvas; box-shadow: 0 .25rem 2rem #0002 }
h1 { font-size: 1.35rem; margin: 0 0 1rem }
label { display: block; margin: .75rem 0 .25rem; font-weight: 600 }
input { box-sizing: border-box; width: 100%; font: inherit; padding: .7rem; border: 1px solid color-mix(in srgb, CanvasText 35%, Canvas); border-radius: .6rem; background: Canvas; color: CanvasText }
button { width: 100%; margin-top: 1.25rem; font: inherit; font-weight: 600; padding: .8rem; border: 0; border-radius: .6rem; background: #0a7d4b; color: white }
[role=alert] { color: #c2262e } aside { margin-top: 1.5rem; font-size: .85rem; opacity: .75 } ul { padding-left: 1.1rem; margin: .25rem 0 }
</style>
</head>
<body>
<main>
<h1>${options.providerName}</h1>
${options.complaint === undefined ? '' : html`<p role="alert">${options.complaint}</p>`}
<form method="post" action="${options.action}">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" inputmode="email" required value="${options.email}">
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required>
<button type="submit">Sign in</button>
</form>
<aside>This sign-in is for development. People here, with the password <b>${options.password}</b>:
<ul>${options.people.map((person) => html`<li>${person.name}, ${person.email}</li>`)}</ul></aside>
</main>
</body>
</html>`);
}
