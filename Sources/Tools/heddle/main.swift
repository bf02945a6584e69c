import Commands

await HeddleCommand.runProcess()
