// Fetches the page again every two seconds and swaps in the talk and the clock when they have changed.
"use strict";
const refresh = async () => {
  try {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const id of ["talk", "now"]) {
      const old = document.getElementById(id), made = fresh.getElementById(id);
      if (!old || !made || old.innerHTML === made.innerHTML) continue;
      old.replaceWith(document.adoptNode(made));
      if (id === "talk") toEnd();
    }
  } catch { /* the sandbox is restarting: try again in two seconds */ }
};
const toEnd = () => { const talk = document.getElementById("talk"); if (talk) talk.scrollTop = talk.scrollHeight; };
toEnd();
setInterval(refresh, 2000);
