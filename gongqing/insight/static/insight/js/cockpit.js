// Keeps the wall up to date. The stream sends the parts that changed; what did not change is left alone. When the stream
// is out of reach the same parts are asked for once a minute; when nothing can be reached the page says since when.
(() => {
  "use strict";
  const page = document.querySelector("[data-cockpit]");
  if (!page) return;
  const SILENCE = 45000, ASK = 60000, RETRY = [1000, 3000, 5000, 10000, 20000];
  const sign = page.querySelector("[data-sign]");
  const clock = page.querySelector("[data-clock]");
  const shown = {};
  let stream = null, tries = 0, lastId = "", heardAt = 0, asOf = page.dataset.at, state = "", polling = 0;
  let skew = Date.parse(page.dataset.at) - Date.now();

  const two = (number) => String(number).padStart(2, "0");
  // Shanghai has no summer time
  const local = (moment) => new Date(moment + 8 * 3600000);

  // Since when the numbers are old; of another day, that their 今天 is not today.
  function since(iso) {
    const then = local(Date.parse(iso)), today = local(Date.now() + skew);
    const clock = `${two(then.getUTCHours())}:${two(then.getUTCMinutes())}:${two(then.getUTCSeconds())}`;
    if (then.toISOString().slice(0, 10) === today.toISOString().slice(0, 10)) return `数据截至 ${clock}`;
    const day = `${then.getUTCMonth() + 1}月${then.getUTCDate()}日`;
    return `数据截至 ${day} ${clock}，“今天”指这一天`;
  }

  function tick() {
    const now = local(Date.now() + skew);
    const words = `${now.getUTCFullYear()}年${now.getUTCMonth() + 1}月${now.getUTCDate()}日　周${"日一二三四五六"[now.getUTCDay()]}　${two(now.getUTCHours())}:${two(now.getUTCMinutes())}`;
    if (clock.textContent !== words) clock.textContent = words;
  }

  const WORDS = {
    live: () => "实时",
    polled: () => `每分钟更新，${since(asOf)}`,
    lost: () => `连接中断，${since(asOf)}`,
    stale: () => `数据库没有应答，${since(asOf)}`,
    ended: () => "登录已到期，",
  };

  function say(next) {
    const words = WORDS[next]();
    if (state === next && sign.dataset.words === words) return;
    state = next;
    sign.dataset.words = words;
    page.dataset.state = next;
    sign.replaceChildren(words);
    if (next === "ended") {
      const link = document.createElement("a");
      link.href = page.dataset.signIn;
      link.textContent = "请重新登录";
      sign.append(link);
    }
  }

  function show(name, html) {
    if (shown[name] === html) return;
    const part = document.getElementById(`part-${name}`);
    if (!part) return;
    shown[name] = html;
    const drawn = new DOMParser().parseFromString(`<div>${html}</div>`, "text/html").body.firstElementChild;
    if (drawn.innerText === part.innerText && part.isEqualNode(drawn)) return;
    const focused = part.contains(document.activeElement) ? document.activeElement.dataset.key : "";
    part.replaceChildren(...drawn.childNodes);
    if (focused) {
      const again = part.querySelector(`[data-key="${CSS.escape(focused)}"]`);
      if (again) again.focus();
    }
  }

  function take(news) {
    heardAt = Date.now();
    if (news.at) asOf = news.at;
    if (news.now) skew = Date.parse(news.now) - Date.now();
    for (const [name, html] of Object.entries(news.parts || {})) show(name, html);
  }

  function open() {
    const address = new URL(page.dataset.live, location.href);
    if (lastId) address.searchParams.set("last", lastId);
    const mine = new EventSource(address, { withCredentials: true });
    stream = mine;
    heardAt = Date.now();
    const hear = (kind, then) => mine.addEventListener(kind, (event) => {
      if (stream !== mine) return;
      tries = 0;
      stopAsking();
      if (event.lastEventId) lastId = event.lastEventId;
      then(event.data ? JSON.parse(event.data) : {});
    });
    hear("figures", (news) => { take(news); say("live"); });
    hear("beat", (news) => { take(news); say("live"); });
    hear("wait", () => { heardAt = Date.now(); });
    hear("stale", (news) => { heardAt = Date.now(); if (news.at) asOf = news.at; say("stale"); });
    hear("end", (news) => {
      if (news.why === "signed-out") { close(); say("ended"); } else again();
    });
    mine.onerror = () => { if (stream === mine) again(); };
  }

  function close() {
    if (stream) stream.close();
    stream = null;
  }

  function again() {
    close();
    if (state !== "polled") say("lost");
    const wait = RETRY[Math.min(tries, RETRY.length - 1)];
    tries += 1;
    if (tries >= 2) ask();
    setTimeout(() => { if (!stream && state !== "ended") open(); }, wait);
  }

  // The way round, for networks that let only the page's own address through.
  async function ask() {
    if (polling && Date.now() - polling < ASK) return;
    polling = Date.now();
    try {
      const answer = await fetch(page.dataset.picture, { headers: { "HX-Request": "true" }, redirect: "manual" });
      if (answer.status === 401 || answer.status === 403 || answer.type === "opaqueredirect") { close(); say("ended"); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      take(await answer.json());
      say("polled");
    } catch {
      say("lost");
    }
  }

  function stopAsking() { polling = 0; }

  setInterval(() => {
    tick();
    if (state === "ended") return;
    if (stream && Date.now() - heardAt > SILENCE) again();
    if (!page.dataset.live) ask();
    if (state === "lost" || state === "stale" || state === "polled") say(state);
  }, 1000);

  tick();
  if (page.dataset.live) open(); else { polling = Date.now(); say("polled"); }
})();
