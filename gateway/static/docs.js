// Render /openapi.json. Text goes in as text nodes only, so nothing in it can become markup.
"use strict";

function make(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// "Text with `code` in it" as nodes.
function prose(text) {
  return (text || "").split(/(`[^`]+`)/).map((part) =>
    part.startsWith("`") && part.endsWith("`") && part.length > 2
      ? make("code", {}, part.slice(1, -1))
      : part
  );
}

function typeLink(reference) {
  const name = reference.split("/").pop();
  return make("a", { href: `#type-${name}` }, name);
}

// A schema in a few words, with links to the types that it names.
function schema(value) {
  if (!value || Object.keys(value).length === 0) return ["anything"];
  if (value.$ref) return [typeLink(value.$ref)];
  const options = value.anyOf || value.oneOf;
  if (options) return options.flatMap((option, i) => (i ? [" or ", ...schema(option)] : schema(option)));
  if (value.enum) return [value.enum.map((item) => JSON.stringify(item)).join(" or ")];
  if ("const" in value) return [JSON.stringify(value.const)];
  if (value.type === "array") return ["list of ", ...schema(value.items)];
  return [String(value.type || "object"), limits(value)];
}

function limits(value) {
  const words = {
    minimum: "at least", maximum: "at most", exclusiveMinimum: "above", exclusiveMaximum: "below",
    minLength: "length at least", maxLength: "length at most", pattern: "form",
  };
  const found = Object.keys(words).filter((key) => key in value).map((key) => `${words[key]} ${value[key]}`);
  return found.length ? `, ${found.join(", ")}` : "";
}

function table(head, rows) {
  const cells = (tag, row) => make("tr", {}, ...row.map((cell) => make(tag, {}, ...[cell].flat())));
  return make("div", { class: "table" },
    make("table", {}, make("thead", {}, cells("th", head)), make("tbody", {}, ...rows.map((row) => cells("td", row)))));
}

function contents(described) {
  return Object.entries(described.content || {}).flatMap(([kind, body], i) => [
    i ? make("br") : "", make("code", {}, kind), " ", ...schema(body.schema),
  ]);
}

function operation(path, method, described) {
  const parameters = (described.parameters || []).map((p) => [
    make("code", {}, p.name), `${p.in}${p.required ? ", required" : ""}`, schema(p.schema), prose(p.description),
  ]);
  const answers = Object.entries(described.responses).map(([status, answer]) => [
    status, prose(answer.description), contents(answer),
  ]);
  return make("section", { id: described.operationId },
    make("h3", {}, make("span", { class: "method" }, method), make("code", {}, path)),
    make("p", {}, ...prose(described.summary)),
    described.security && described.security.length === 0 ? make("p", {}, "Needs no key.") : null,
    described.requestBody ? make("p", {}, "Body: ", ...contents(described.requestBody)) : null,
    parameters.length ? table(["Parameter", "Where", "Type", "Meaning"], parameters) : null,
    table(["Status", "Meaning", "Body"], answers));
}

function type(name, described) {
  const required = new Set(described.required || []);
  const fields = Object.entries(described.properties || {}).map(([field, value]) => [
    make("code", {}, field), required.has(field) ? "required" : "", schema(value), prose(fieldMeaning(value)),
  ]);
  return make("section", { id: `type-${name}` },
    make("h3", {}, make("code", {}, name)),
    make("p", {}, ...prose((described.description || "").replaceAll("``", "`"))),
    fields.length ? table(["Field", "", "Type", "Meaning"], fields) : null);
}

function fieldMeaning(value) {
  if (value.description) return value.description;
  const option = (value.anyOf || []).find((one) => one.description);
  return option ? option.description : "";
}

function render(api) {
  document.getElementById("title").textContent = `${api.info.title} API ${api.info.version}`;
  document.getElementById("about").replaceChildren(...prose(api.info.description));
  const all = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, described]) => [path, method, described]));
  document.getElementById("contents").replaceChildren(make("ul", {}, ...all.map(([path, method, described]) =>
    make("li", {}, make("a", { href: `#${described.operationId}` }, `${method.toUpperCase()} ${path}`)))));
  document.getElementById("operations").replaceChildren(...all.map((one) => operation(...one)));
  document.getElementById("types").replaceChildren(
    ...Object.entries(api.components.schemas).map(([name, described]) => type(name, described)));
}

fetch("/openapi.json")
  .then((response) => response.json())
  .then(render)
  .catch(() => {
    document.getElementById("operations").textContent =
      "The description could not be loaded; reload the page, or open /openapi.json.";
  });
