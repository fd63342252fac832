<?php
// Reads calendars with sabre/vobject, with which Nextcloud, ownCloud and Baikal read them; tells them as told.py says.
// What a time zone is it knows from PHP, by the zone's name, and not from the VTIMEZONE.

error_reporting(E_ALL & ~E_DEPRECATED); // Debian's is older than its PHP
date_default_timezone_set('UTC');
require 'Sabre/VObject/includes.php';

use Sabre\VObject\DateTimeParser;
use Sabre\VObject\Property;
use Sabre\VObject\Reader;

function moment($property)
{
    if (!$property) {
        return null;
    }
    $at = clone $property->getDateTime();
    switch ($property->getDateType()) {
        case Property\DateTime::DATE:
            return $at->format('Y-m-d');
        case Property\DateTime::LOCAL:
            return $at->format('Y-m-d\TH:i:s');
        default:
            return $at->setTimezone(new DateTimeZone('UTC'))->format('Y-m-d\TH:i:s\Z');
    }
}

function text($property)
{
    return preg_replace('/\\\\([;,])/', '$1', (string) $property); // it leaves these to its caller
}

function minutes($alarm)
{
    return date_create('@0')->add(DateTimeParser::parseDuration((string) $alarm->TRIGGER))->getTimestamp() / 60;
}

function item($component)
{
    $todo = $component->name === 'VTODO';
    $start = moment($todo ? $component->DUE : $component->DTSTART);
    $end = $todo ? null : moment($component->DTEND);
    $alarms = array_map('minutes', $component->select('VALARM'));
    sort($alarms);
    return [
        'kind' => $todo ? 'todo' : 'event',
        'uid' => (string) $component->UID,
        'sequence' => (int) (string) $component->SEQUENCE,
        'summary' => text($component->SUMMARY),
        'description' => text($component->DESCRIPTION),
        'location' => text($component->LOCATION),
        'start' => $start,
        'end' => $end === $start ? null : $end,
        'alarms' => $alarms,
        'cancelled' => (string) $component->STATUS === 'CANCELLED',
    ];
}

function attempt($path)
{
    try {
        $calendar = Reader::read(file_get_contents($path));
        return ['items' => array_map('item', [...$calendar->select('VEVENT'), ...$calendar->select('VTODO')])];
    } catch (Exception $error) {
        return ['refused' => get_class($error) . ': ' . $error->getMessage()];
    }
}

$paths = array_slice($argv, 1);
echo json_encode(array_combine($paths, array_map('attempt', $paths)), JSON_THROW_ON_ERROR);
