// Reads calendars with ical.js, which Thunderbird and Nextcloud read them with; tells them as told.py says.

import { readFileSync } from "node:fs";
import ICAL from "../../.clients/node/node_modules/ical.js/dist/ical.js";

function moment(value) {
  if (!value) return null;
  if (value.isDate) return value.toString();
  if (value.zone === ICAL.Timezone.localTimezone) return value.toString();
  return new Date(value.toUnixTime() * 1000).toISOString().replace(".000", "");
}

function item(component) {
  const todo = component.name === "vtodo";
  const value = (name) => component.getFirstPropertyValue(name);
  const minutes = (alarm) => alarm.getFirstPropertyValue("trigger").toSeconds() / 60;
  return {
    kind: todo ? "todo" : "event",
    uid: value("uid"),
    sequence: value("sequence") ?? 0,
    summary: value("summary") ?? "",
    description: value("description") ?? "",
    location: value("location") ?? "",
    start: moment(value(todo ? "due" : "dtstart")),
    end: todo ? null : moment(value("dtend")),
    alarms: component.getAllSubcomponents("valarm").map(minutes).sort((a, b) => a - b),
    cancelled: value("status") === "CANCELLED",
  };
}

function read(path) {
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(path, "utf8")));
  return [...calendar.getAllSubcomponents("vevent"), ...calendar.getAllSubcomponents("vtodo")].map(item);
}

function attempt(path) {
  try {
    return { items: read(path) };
  } catch (error) {
    return { refused: `${error.name}: ${error.message}` };
  }
}

const paths = process.argv.slice(2);
process.stdout.write(JSON.stringify(Object.fromEntries(paths.map((path) => [path, attempt(path)]))));
