// Messages as a project gets them, by what they are. Written for this example.

/** What a message can be. */
export const KINDS = ['bug', 'feature', 'question'] as const;
export type Kind = (typeof KINDS)[number];

/** Messages to learn from. */
export const TRAINING: Record<Kind, readonly string[]> = {
  bug: [
    'The program crashes when I open an empty file.',
    'After the update the window stays white and nothing reacts.',
    'Saving twice in a row loses the second version.',
    'The total is wrong when one of the values is negative.',
    'I get a TypeError from the parser although the input is valid.',
    'Memory keeps growing until the process is killed.',
    'The button does nothing on a phone.',
    'Dates in March are shown one day too early.',
    'The test suite fails on Windows since last week.',
    'Scrolling jumps back to the top of the list.',
    'An exception is thrown if the folder has a blank in its name.',
    'The connection is closed after exactly one minute, in the middle of a download.',
    'Search finds nothing when the word has an accent.',
    'The chart shows the same line twice.',
    'Undo brings back a different text than I had.',
    'Two users who press save together overwrite each other.',
  ],
  feature: [
    'Please add a dark theme.',
    'It would be great to export the table as a spreadsheet.',
    'Support for keyboard shortcuts would save me a lot of time.',
    'I would like to group items by colour.',
    'Could you let us choose the font size?',
    'Add an option to sort the results by date.',
    'A progress bar for long uploads would be nice.',
    'Allow more than one account at the same time.',
    'We need a way to run this from the command line.',
    'Proposal: translate the interface into Portuguese.',
    'Please make the limit of ten files configurable.',
    'I wish there were a preview before printing.',
    'Consider offering an interface for plug-ins.',
    'It should be possible to undo a deletion.',
    'Feature request: notifications by e-mail.',
    'An offline mode would help people on trains.',
  ],
  question: [
    'How do I change my password?',
    'Where are the settings stored?',
    'What is the difference between archive and delete?',
    'Is there a limit to the number of rows?',
    'Which versions of the browser do you support?',
    'Can I use this at work without a licence?',
    'How can I find out which release I have?',
    'Does it matter in which order I install the packages?',
    'What does the yellow icon mean?',
    'I am new here: where should I start reading?',
    'Why are there two configuration files?',
    'How do people usually organise large projects with this?',
    'Is the data sent to a server or kept on my machine?',
    'What is the recommended way to make a backup?',
    'Who decides what goes into the next release?',
    'When would one choose the second method over the first?',
  ],
};

/** Messages to test on. */
export const TESTING: Record<Kind, readonly string[]> = {
  bug: [
    'Opening the menu freezes the application.',
    'The result of the division is off by one for large numbers.',
    'Since yesterday every login ends in an error page.',
    'Images are rotated by ninety degrees after uploading them.',
    'A segmentation fault occurs when the list is empty.',
    'The sound stops after the screen has been locked.',
  ],
  feature: [
    'Please support importing calendars.',
    'I would love to see a map of all the places.',
    'Add a setting that hides finished tasks.',
    'It would be useful to rename several files at once.',
    'Can we have a smaller download for slow connections?',
    'Suggestion: let the user pick the colours of the chart.',
  ],
  question: [
    'How do I move my files to another computer?',
    'What happens to my data when I close the account?',
    'Where can I read about the file format?',
    'Is it safe to delete the cache folder?',
    'Which of the two installers is the right one for me?',
    'Why does the manual mention a server?',
  ],
};
